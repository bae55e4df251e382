"""The tables of what the newsroom publishes. The rows hold what readers see now."""

from articles.models.article import Article, Byline, PhotoUse, RelatedArticle
from articles.models.brought import Brought
from articles.models.correction import Correction
from articles.models.front import Front, Place, Zone
from articles.models.live import LiveEntry
from articles.models.notice import Notice
from articles.models.page import Page
from articles.models.person import Person, PersonIdentity, PersonText
from articles.models.photo import Photo, PhotoCrop, PhotoText
from articles.models.redirect import Redirect
from articles.models.removal import MassWithdrawal, RemovalRequest
from articles.models.search import SearchEntry, SearchStem
from articles.models.section import Section
from articles.models.topic import Topic, TopicOnArticle
from articles.models.withdrawal import NameWithdrawal
from articles.names import Mention
from articles.names import mentions as names_somebody

__all__ = [
    "Article", "Brought", "Byline", "Correction", "Front", "LiveEntry", "MassWithdrawal", "Mention", "NameWithdrawal",
    "Notice", "Page", "Person", "PersonIdentity", "PersonText", "Photo", "PhotoCrop", "PhotoText", "PhotoUse", "Place",
    "Redirect", "RelatedArticle", "RemovalRequest", "SearchEntry", "SearchStem", "Section", "Topic", "TopicOnArticle",
    "Zone", "names_somebody",
]  # fmt: skip
