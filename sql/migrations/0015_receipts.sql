-- 0015_receipts: what became of a message after its provider took it.

-- receipt: what the provider reported later; the state stays 'sent'.
alter table outbox
	add column receipt	text
	    constraint outbox_receipt_domain
	    check (receipt in ('delivered', 'failed')),
	add column receipt_at	timestamptz,
	add column receipt_error text check (char_length(receipt_error) <= 200);
create index outbox_ref_idx on outbox (provider_id, provider_ref)
    where provider_ref is not null;

-- Receipts that overtook the answer to the request they are about: its id is
-- not in the outbox yet.  Unlogged: a crash loses seconds of them.
create unlogged table receipt_early (
	provider_id	uuid not null,
	ref		text not null check (octet_length(ref) <= 200),
	receipt		text not null
	    constraint receipt_early_receipt_domain
	    check (receipt in ('delivered', 'failed')),
	error		text check (char_length(error) <= 200),
	at		timestamptz not null default clock_timestamp(),
	primary key (provider_id, ref)
);
create index receipt_early_at_idx on receipt_early (at);

-- Who reads or writes what is known of a provider's message id holds this.
create function receipt_lock(provider uuid, ref text) returns void
language sql volatile
as $$
	select pg_advisory_xact_lock(hashtextextended('receipt ' || $1 || ' '
	    || $2, 0))
$$;

-- |o|: origin, null for one that came early.
create function receipt_audit(m outbox, o text[]) returns void
language sql volatile
as $$
	insert into audit (event, category, outcome, subject_id,
	    application_id, detail, request_id, ip, remote, forwarded,
	    client_ip, user_agent)
	select case m.receipt when 'delivered' then 'message_delivered'
	    else 'message_undelivered' end, 'system', m.receipt, m.person_id,
	    m.application_id, jsonb_strip_nulls(jsonb_build_object('outbox_id',
	    m.id, 'kind', m.kind, 'channel', m.channel, 'reason',
	    m.receipt_error)), a.request_id, a.ip, a.remote, a.forwarded,
	    a.client_ip, a.user_agent
	from audit_origin(o[1], o[2], o[3], o[4], o[5], o[6]) a
$$;

-- One receipt: 'delivered' or 'failed' when it was new, 'same' when it changes
-- nothing, 'unknown' when it is about no message.  What was delivered stays so.
create function receipt_take(provider uuid, ref text, receipt text,
    error text, o text[])
returns text
language plpgsql volatile set search_path from current
as $$
#variable_conflict use_column
declare
	m	outbox;
begin
	perform receipt_lock($1, $2);
	select * into m from outbox q
	    where q.provider_id = $1 and q.provider_ref = $2
	    order by q.id desc limit 1 for no key update;
	if found then
		if m.receipt = 'delivered' or m.receipt = $3 then
			return 'same';
		end if;
		update outbox q set receipt = $3, receipt_at = now(),
		    receipt_error = $4
		    where q.id = m.id returning q.* into m;
		perform receipt_audit(m, $5);
		return $3;
	end if;
	-- Only what is under way just now can be late with its id.
	if exists (select from outbox q where q.state = 'sending')
	    or exists (select from outbox q where q.kind = 'test'
	    and q.id >= uuid_v7_at(now() - interval '1 minute')
	    and q.provider_ref is null) then
		insert into receipt_early as e (provider_id, ref, receipt, error)
		select $1, $2, $3, $4 where (select count(*) from (select
		    from receipt_early limit 10000) n) < 10000
		on conflict (provider_id, ref) do update
		set receipt = excluded.receipt, error = excluded.error
		where e.receipt = 'failed';
	end if;
	return 'unknown';
end
$$;

-- |rows|: [{"ref","state","error"}..].  In one order, so that two calls never
-- wait for each other.
create function receipts_take(provider uuid, rows jsonb, o text[])
returns table (n_delivered int4, n_failed int4, n_same int4, n_unknown int4)
language sql volatile rows 1
as $$
	select count(*) filter (where t.said = 'delivered')::int4,
	    count(*) filter (where t.said = 'failed')::int4,
	    count(*) filter (where t.said = 'same')::int4,
	    count(*) filter (where t.said = 'unknown')::int4
	from (select receipt_take($1, r.ref, r.state, r.error, $3) as said
	    from (select * from jsonb_to_recordset($2) r (ref text, state text,
	    error text) order by ref, state) r offset 0) t
$$;

-- The id has come: was something said of it before?
create function outbox_before_ref() returns trigger
language plpgsql set search_path from current
as $$
declare
	e	receipt_early;
begin
	perform receipt_lock(new.provider_id, new.provider_ref);
	delete from receipt_early x where x.provider_id = new.provider_id
	    and x.ref = new.provider_ref returning x.* into e;
	if found then
		new.receipt := e.receipt;
		new.receipt_at := e.at;
		new.receipt_error := e.error;
		perform receipt_audit(new, null);
	end if;
	return new;
end
$$;
create trigger outbox_before_ref before update on outbox
    for each row when (new.provider_ref is not null
    and new.provider_id is not null
    and new.provider_ref is distinct from old.provider_ref)
    execute function outbox_before_ref();
