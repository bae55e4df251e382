"""Reader pages of the stories."""

from django.urls import path, re_path, register_converter

from articles import archive, keeping, most_read, previews, searching, sitemaps, views
from articles.api import views as api
from articles.feed_kinds import KindConverter
from articles.feeds import views as feeds

register_converter(KindConverter, "feed")
app_name = "articles"
urlpatterns = [
    path("", views.front, name="front"),
    path("<feed:kind>", feeds.latest, name="feed"),
    path("feeds/", feeds.index, name="feeds"),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap/pages.xml", sitemaps.pages, name="sitemap_pages"),
    path("sitemap/news.xml", sitemaps.news, name="sitemap_news"),
    re_path(r"^sitemap/(?P<year>[12]\d{3})-(?P<month>\d{2})\.xml$", sitemaps.month, name="sitemap_month"),
    path("search/", searching.search, name="search"),
    path("corrections/all/", views.corrections, name="corrections"),
    path("corrections/<feed:kind>", feeds.corrections, name="corrections_feed"),
    path("sections/<slug:slug>/", views.section, name="section"),
    path("sections/<slug:slug>/<feed:kind>", feeds.section, name="section_feed"),
    path("people/<slug:slug>/", views.person, name="person"),
    path("people/<slug:slug>/<feed:kind>", feeds.person, name="person_feed"),
    path("topics/<slug:slug>/", views.topic, name="topic"),
    path("topics/<slug:slug>/<feed:kind>", feeds.topic, name="topic_feed"),
    re_path(
        r"^(?P<year>\d{4})/(?P<month>\d{2})/(?P<day>\d{2})/(?:(?P<slug>[^/]*)-)?(?P<public_id>[0-9A-Za-z]{8,12})/?$",
        views.article, name="article",
    ),
    path("api/v1/", api.start, name="api_start"),
    path("api/v1/openapi.json", api.openapi, name="api_document"),
    path("api/v1/stories/", api.stories, name="api_stories"),
    re_path(r"^api/v1/stories/(?P<public_id>[0-9A-Za-z]{8,12})/$", api.story, name="api_story"),
    path("api/v1/sections/<slug:slug>/", api.section, name="api_section"),
    path("api/v1/topics/", api.topics, name="api_topics"),
    path("api/v1/topics/<slug:slug>/", api.topic, name="api_topic"),
    path("api/v1/people/<slug:slug>/", api.person, name="api_person"),
    path("api/v1/corrections/", api.corrections, name="api_corrections"),
    re_path(r"^api/v1/[\s\S]+/$", api.nothing, name="nothing_in_the_api"),
    path("archive/", archive.archive, name="archive"),
    re_path(r"^(?P<year>[12]\d{3})/$", archive.year, name="year"),
    re_path(r"^(?P<year>[12]\d{3})/(?P<month>\d{2})/$", archive.month, name="month"),
    re_path(r"^(?P<year>[12]\d{3})/(?P<month>\d{2})/(?P<day>\d{2})/$", archive.day, name="day"),
    path("most-read/", most_read.page, name="most_read"),
    path("save/<slug:public_id>/<slug:kind>", keeping.keep, name="keep"),
    path("preview/<slug:public_id>/", previews.preview, name="preview"),
    path("<slug:slug>/", views.page, name="page"),
]  # fmt: skip
