"""Where the rows are: map them to profiles there, reduce by merge."""
