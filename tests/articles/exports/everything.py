"""A WordPress export with every element that WXR 1.2 knows, written by hand for these tests."""

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>The Old Shore</title><link>https://www.old.example</link><description>Before</description>
<pubDate>Mon, 01 Jun 2020 12:00:00 +0000</pubDate><language>en-GB</language><generator>https://wordpress.org/?v=6.4</generator>
<wp:wxr_version>1.2</wp:wxr_version><wp:base_site_url>https://www.old.example</wp:base_site_url>
<wp:base_blog_url>https://www.old.example</wp:base_blog_url>
<wp:author><wp:author_id>1</wp:author_id><wp:author_login>ada</wp:author_login>
<wp:author_email>ada@old.example</wp:author_email><wp:author_display_name>Ada Bren</wp:author_display_name>
<wp:author_first_name>Ada</wp:author_first_name><wp:author_last_name>Bren</wp:author_last_name></wp:author>
<wp:category><wp:term_id>2</wp:term_id><wp:category_nicename>harbour</wp:category_nicename>
<wp:category_parent></wp:category_parent><wp:cat_name>Harbour</wp:cat_name>
<wp:category_description>Ships.</wp:category_description>
<wp:termmeta><wp:meta_key>colour</wp:meta_key><wp:meta_value>blue</wp:meta_value></wp:termmeta></wp:category>
<wp:category><wp:term_id>3</wp:term_id><wp:category_nicename>docks</wp:category_nicename>
<wp:category_parent>harbour</wp:category_parent><wp:cat_name>Docks</wp:cat_name></wp:category>
<wp:tag><wp:term_id>4</wp:term_id><wp:tag_slug>strike</wp:tag_slug><wp:tag_name>Strike</wp:tag_name>
<wp:tag_description><![CDATA[Nine <b>days</b>.]]></wp:tag_description></wp:tag>
<wp:tag><wp:term_id>5</wp:term_id><wp:tag_slug>unused</wp:tag_slug><wp:tag_name>Unused</wp:tag_name></wp:tag>
<wp:term><wp:term_id>6</wp:term_id><wp:term_taxonomy>nav_menu</wp:term_taxonomy><wp:term_slug>main</wp:term_slug>
<wp:term_parent></wp:term_parent><wp:term_name>Main</wp:term_name></wp:term>
"""

ITEM = """<item><title>{title}</title><link>{link}</link><pubDate>Fri, 08 May 2020 10:00:00 +0000</pubDate>
<dc:creator>ada</dc:creator><guid isPermaLink="false">https://www.old.example/?p={number}</guid><description></description>
<content:encoded><![CDATA[{body}]]></content:encoded><excerpt:encoded><![CDATA[{excerpt}]]></excerpt:encoded>
<wp:post_id>{number}</wp:post_id><wp:post_date>2020-05-08 12:00:00</wp:post_date>
<wp:post_date_gmt>2020-05-08 10:00:00</wp:post_date_gmt><wp:post_modified>2020-05-09 12:00:00</wp:post_modified>
<wp:post_modified_gmt>2020-05-09 10:00:00</wp:post_modified_gmt><wp:comment_status>open</wp:comment_status>
<wp:ping_status>open</wp:ping_status><wp:post_name>{name}</wp:post_name><wp:status>{status}</wp:status>
<wp:post_parent>{parent}</wp:post_parent><wp:menu_order>0</wp:menu_order><wp:post_type>{kind}</wp:post_type>
<wp:post_password></wp:post_password><wp:is_sticky>{sticky}</wp:is_sticky>{more}</item>
"""

COMMENT = """<wp:comment><wp:comment_id>{number}</wp:comment_id><wp:comment_author>Reader</wp:comment_author>
<wp:comment_author_email>reader@old.example</wp:comment_author_email><wp:comment_author_url></wp:comment_author_url>
<wp:comment_author_IP>203.0.113.9</wp:comment_author_IP><wp:comment_date>2020-05-08 13:00:00</wp:comment_date>
<wp:comment_date_gmt>2020-05-08 11:00:00</wp:comment_date_gmt><wp:comment_content>Words</wp:comment_content>
<wp:comment_approved>{approved}</wp:comment_approved><wp:comment_type>{kind}</wp:comment_type>
<wp:comment_parent>0</wp:comment_parent><wp:comment_user_id>0</wp:comment_user_id>
<wp:commentmeta><wp:meta_key>x</wp:meta_key><wp:meta_value>y</wp:meta_value></wp:commentmeta></wp:comment>"""


def item(number, title, *, kind="post", status="publish", body="", link=None, more="", name=None, parent=0, sticky=0,
         excerpt=""):  # fmt: skip
    """Return one item."""
    name = name or f"item-{number}"
    link = f"https://www.old.example/{name}/" if link is None else link
    return ITEM.format(**locals())


def picture(number, file, *, parent=0):
    """Return an attachment below wp-content/uploads."""
    address = f"https://www.old.example/wp-content/uploads/{file}"
    more = f"<wp:attachment_url>{address}</wp:attachment_url>" + meta("_wp_attached_file", file)
    return item(number, file, kind="attachment", status="inherit", more=more, parent=parent)


def meta(key, value):
    """Return a field of an item."""
    return f"<wp:postmeta><wp:meta_key>{key}</wp:meta_key><wp:meta_value>{value}</wp:meta_value></wp:postmeta>"


def term(domain, slug, name):
    """Return a term of an item."""
    return f'<category domain="{domain}" nicename="{slug}">{name}</category>'


def export(*items):
    """Return the whole file."""
    return HEAD + "".join(items) + "</channel></rss>\n"


def everything():
    """Return an export with every element, every state of a post, and every kind of trouble."""
    terms = [
        term("category", "harbour", "Harbour"),
        term("category", "docks", "Docks"),
        term("post_tag", "strike", "S"),
    ]
    comments = [
        COMMENT.format(number=number, approved=approved, kind=kind)
        for number, (approved, kind) in enumerate([("1", ""), ("0", "comment"), ("1", "pingback"), ("spam", "")], 1)
    ]
    fields = [
        meta("_wp_old_slug", "older"), meta("_wp_old_slug", "oldest"), meta("mood", "grim"), meta("_plugin_x", "1"),
        meta("_edit_last", "1"), meta("_thumbnail_id", "10"),
    ]  # fmt: skip
    body = (
        '<p>First, <a href="http://old.example/second/">the second</a>, '
        '<a href="https://www.old.example/?p=21">again</a>, <a href="https://www.old.example/?p=999">gone</a>.</p>'
        '[gallery]<img src="/wp-content/uploads/lost.png" alt="Lost">'
    )
    staff = "https://www.old.example/about-us/staff/"
    return export(
        picture(10, "2020/05/crane.jpg"),
        picture(11, "2020/05/one.jpg", parent=20),
        picture(12, "2020/05/two.jpg", parent=20),
        picture(13, "2020/05/nobody.jpg"),
        picture(14, "2020/05/report.pdf"),
        item(
            20, "First", name="first", body=body, more="".join(terms + comments + fields), sticky=1, excerpt="x" * 600
        ),
        item(21, "Second", name="second", body="<p>Second.</p>", more=term("category", "harbour", "Harbour")),
        item(22, "L" * 250, body="Long.", status="draft", link=""),
        *(item(23 + n, s.title(), status=s) for n, s in enumerate(["pending", "future", "private"])),
        item(26, "Trash", status="trash"),
        item(27, "Auto", status="auto-draft"),
        item(30, "About", kind="page", body="<p>We.</p>", name="about-us"),
        item(31, "Staff", kind="page", body="<p>Few.</p>", name="staff", parent=30, link=staff),
        *(item(40 + n, kind, kind=kind) for n, kind in enumerate(["nav_menu_item", "wp_block", "custom_css"])),
        item(43, "Many", body="Many.", more="".join(term("post_tag", f"t{n}", f"T{n}") for n in range(15))),
    )
