"""Pure statistics: charts, run rules, intervals, funnels, statuses and outlooks. Knows nothing of care."""
