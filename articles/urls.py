"""Reader pages of the stories."""

app_name = "articles"
urlpatterns = []
