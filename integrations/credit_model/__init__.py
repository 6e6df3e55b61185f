"""An independent model of deals: schedules as tables, values by definition."""
