-- setting_all: every setting with the value in force, and where the logo is.
-- returns: settings text (a JSON object, name to value), logo_url text?
-- rows: 1
select coalesce(jsonb_object_agg(name, coalesce(value, default_value)),
    '{}'::jsonb)::text as settings, branding_logo_url() as logo_url
from setting
