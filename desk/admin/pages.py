"""A page of a list, found by its keys first: the wide rows are read for what is shown, never to be sorted."""

from django.core.paginator import Paginator


class KeyPaginator(Paginator):
    """Sort and cut narrow rows of keys, then load the whole rows of one page."""

    def page(self, number):
        """Return the page; raises what Paginator raises."""
        number = self.validate_number(number)
        first = (number - 1) * self.per_page
        last = min(first + self.per_page, self.count)
        keys = list(self.object_list.values_list("pk", flat=True)[first:last])
        rows = self.object_list.order_by().in_bulk(keys) if keys else {}
        return self._get_page([rows[key] for key in keys if key in rows], number, self)
