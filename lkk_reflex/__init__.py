"""The subscriber portal: slices of one shape, put together in `lkk_reflex.lkk_reflex`."""
