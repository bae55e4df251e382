"""Feeds in three formats, as summaries and with whole stories: addresses of home whatever was asked, ids that last."""
