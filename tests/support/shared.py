"""What a provider has once for everybody who works there: no service's own, so no place's secret."""

SHARED_WITH_STAFF = frozenset({"provider", "provider_leaving", "plan_template", "clock_setting", "trigger_threshold"})
