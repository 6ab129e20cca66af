"""Where Evidently has `column_mapping`."""
