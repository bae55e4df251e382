"""What the newsroom publishes: articles, people and bylines, photos and credits, sections, topics, pages."""
