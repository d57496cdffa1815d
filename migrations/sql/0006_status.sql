ALTER TABLE indicator_status
    ADD COLUMN rules_version TEXT,
    ADD COLUMN composite TEXT,
    ADD COLUMN composite_rule TEXT,
    ADD COLUMN current_until DATE,
    ADD COLUMN parts JSONB DEFAULT '{}' NOT NULL,
    ADD COLUMN todos JSONB DEFAULT '[]' NOT NULL,
    ADD COLUMN drawn JSONB;

ALTER TABLE indicator_baseline
    ADD COLUMN figures JSONB,
    ADD COLUMN definition_version TEXT;

ALTER TABLE chart_event ADD COLUMN kind TEXT DEFAULT 'story' NOT NULL;

ALTER TABLE evidence
    ADD COLUMN seen_at TEXT,
    ADD COLUMN made_by TEXT;

CREATE TABLE indicator_redefinition (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    version INTEGER NOT NULL,
    from_period DATE NOT NULL,
    definition_version TEXT NOT NULL,
    what_changed TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_by TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_indicator_redefinition PRIMARY KEY (provider_id, service_id, indicator_id, version),
    CONSTRAINT fk_indicator_redefinition_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

CREATE TABLE contradiction (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    contradiction_id UUID NOT NULL,
    source TEXT NOT NULL,
    says TEXT NOT NULL,
    noticed_on DATE NOT NULL,
    origin TEXT NOT NULL,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_contradiction PRIMARY KEY (provider_id, service_id, indicator_id, contradiction_id),
    CONSTRAINT fk_contradiction_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

CREATE TABLE contradiction_answer (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    contradiction_id UUID NOT NULL,
    answer_id UUID NOT NULL,
    answer TEXT NOT NULL,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_contradiction_answer PRIMARY KEY (provider_id, service_id, indicator_id, contradiction_id, answer_id),
    CONSTRAINT fk_contradiction_answer_contradiction FOREIGN KEY(provider_id, service_id, indicator_id, contradiction_id) REFERENCES contradiction (provider_id, service_id, indicator_id, contradiction_id)
);

CREATE TABLE evidence_exemption (
    provider_id UUID NOT NULL,
    service_id UUID NOT NULL,
    indicator_id UUID NOT NULL,
    letter TEXT NOT NULL,
    version INTEGER NOT NULL,
    applies BOOLEAN NOT NULL,
    reason TEXT NOT NULL,
    recorded_by UUID,
    recorded_initials TEXT,
    recorded_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT pk_evidence_exemption PRIMARY KEY (provider_id, service_id, indicator_id, letter, version),
    CONSTRAINT ck_evidence_exemption_letter_known CHECK (letter in ('R', 'A', 'F', 'P')),
    CONSTRAINT fk_evidence_exemption_service_indicator FOREIGN KEY(provider_id, service_id, indicator_id) REFERENCES service_indicator (provider_id, service_id, indicator_id)
);

-- The rules that the relay knows may be newer than those by which a status was judged: it then asks for judging again.
CREATE FUNCTION reach.sweep_rules(version text) RETURNS integer
LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    made integer;
BEGIN
    INSERT INTO public.job (provider_id, job_id, kind, arguments, state, attempts, due_at, progress, created_at)
    SELECT p.provider_id, gen_random_uuid(), 'derive', '{"judge": true}', 'queued', 0, now(), 0, now()
    FROM public.provider p
    WHERE EXISTS (
        SELECT 1 FROM public.indicator_status s
        WHERE s.provider_id = p.provider_id AND s.rules_version IS DISTINCT FROM version)
      AND NOT EXISTS (
        SELECT 1 FROM public.job o
        WHERE o.provider_id = p.provider_id AND o.kind = 'derive' AND o.state IN ('queued', 'running')
          AND o.arguments ? 'judge');
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;
