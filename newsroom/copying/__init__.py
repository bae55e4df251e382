"""The static copy: the public site as files with relative links, for a memory stick, a web server, a bucket."""
