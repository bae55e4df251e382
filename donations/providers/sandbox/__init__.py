"""A provider that moves no money: its own tables, pay page, clock and signed notices. A full sibling of a real one."""
