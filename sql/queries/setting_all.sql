-- setting_all: every setting with the value in force.
-- returns: settings text (a JSON object, name to value)
-- rows: 1
select coalesce(jsonb_object_agg(name, coalesce(value, default_value)),
    '{}'::jsonb)::text as settings
from setting
