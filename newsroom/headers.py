"""Security headers on every answer; the Content-Security-Policy comes from django-csp.

Rules followed: OWASP Secure Headers, and the Permissions-Policy draft of the W3C.
"""

PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "geolocation", "microphone", "payment", "usb", "interest-cohort", "browsing-topics")
)


class SecurityHeaders:
    """Add what Django's own middleware leaves out, and take cookies off reader pages whatever set them."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        headers = response.headers
        headers.setdefault("Permissions-Policy", PERMISSIONS)
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        if getattr(request, "is_reader_page", False):
            response.cookies.clear()
        elif "Cache-Control" not in headers and headers.get("Content-Type", "").startswith("text/html"):
            headers["Cache-Control"] = "private, no-store"
        return response
