"""Around a record: what was said of it, its versions, what it becomes, and the recycle bin."""
