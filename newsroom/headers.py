"""Security headers on every answer; the Content-Security-Policy comes from django-csp.

Rules followed: OWASP Secure Headers, the Permissions-Policy draft of the W3C, and Trusted Types where they work.
"""

from csp.middleware import CSPMiddleware

# Every feature of a device and of a browser that a page could ask for; ours asks for none, save passkeys.
REFUSED = (
    "accelerometer", "ambient-light-sensor", "attribution-reporting", "autoplay", "bluetooth", "browsing-topics",
    "camera", "compute-pressure", "display-capture", "encrypted-media", "gamepad", "geolocation", "gyroscope", "hid",
    "idle-detection", "interest-cohort", "join-ad-interest-group", "keyboard-map", "local-fonts", "magnetometer",
    "microphone", "midi", "otp-credentials", "payment", "run-ad-auction", "screen-wake-lock", "serial", "sync-xhr",
    "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS = ", ".join(f"{feature}=()" for feature in REFUSED)
TRUSTED_TYPES = ("require-trusted-types-for", "trusted-types")
# Where Django's own scripts (jQuery) write markup from text, which Trusted Types would stop.
WITHOUT_TRUSTED_TYPES = ("/admin/",)


class ContentPolicy(CSPMiddleware):
    """The Content-Security-Policy of the settings; in the admin without Trusted Types."""

    def process_response(self, request, response):
        if request.path_info.startswith(WITHOUT_TRUSTED_TYPES):
            response._csp_replace = {**(getattr(response, "_csp_replace", None) or {}), **dict.fromkeys(TRUSTED_TYPES)}
        return super().process_response(request, response)


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
        headers.setdefault("X-Permitted-Cross-Domain-Policies", "none")
        headers.setdefault("Referrer-Policy", "same-origin")
        if getattr(request, "is_reader_page", False):
            response.cookies.clear()
        elif "Cache-Control" not in headers and headers.get("Content-Type", "").startswith("text/html"):
            headers["Cache-Control"] = "private, no-store"
        return response
