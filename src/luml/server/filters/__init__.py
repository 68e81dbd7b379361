"""The filter language of lists: what a filter says, and how its text is read. Pure."""
