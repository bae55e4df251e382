# Varnish before the site: pages stay until their key is banned, and are shown for a day while the site is away.
vcl 4.1;

backend default { .host = "127.0.0.1"; .port = "8000"; }
acl site { "127.0.0.1"; "::1"; }

sub vcl_recv {
    if (req.method == "BAN") {
        if (client.ip !~ site) { return (synth(403)); }
        ban("obj.http.Surrogate-Key ~ " + req.http.X-Ban-Keys);
        return (synth(200));
    }
    if (req.method != "GET" && req.method != "HEAD") { return (pass); }
    if (req.url ~ "^/(admin|accounts|private|preview|hooks|healthz|readyz|metrics)") { return (pass); }
    # Readers have no cookie; one copy for each encoding that the site makes.
    unset req.http.Cookie;
    if (req.http.Accept-Encoding ~ "br") { set req.http.Accept-Encoding = "br"; }
    elsif (req.http.Accept-Encoding ~ "gzip") { set req.http.Accept-Encoding = "gzip"; }
    else { unset req.http.Accept-Encoding; }
}

sub vcl_backend_response {
    if (beresp.http.Surrogate-Control ~ "max-age") {
        set beresp.ttl = 60s;
        set beresp.grace = 24h;
    } else {
        set beresp.uncacheable = true;
    }
    set beresp.do_gzip = false;
}

sub vcl_deliver {
    unset resp.http.Surrogate-Key;
    unset resp.http.Surrogate-Control;
    unset resp.http.Cache-Tag;
    unset resp.http.X-Accel-Expires;
}
