-- The Postgres image runs this file once, as superuser, when it creates its data folder. Temporal and Tenor have their own
-- databases, and the owner of each migrates it. API and worker use the role `tenor_app`, which owns nothing. `tenor migrate
-- --grant-to tenor_app` lets it read and write rows.
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv owner_password TENOR_OWNER_PASSWORD
\getenv app_password TENOR_APP_PASSWORD

create role temporal login password :'temporal_password';
create database temporal owner temporal;
create database temporal_visibility owner temporal;

create role tenor_owner login password :'owner_password';
create role tenor_app login password :'app_password';
create database tenor owner tenor_owner;

revoke all on database temporal, temporal_visibility, tenor from public;
grant connect on database tenor to tenor_app;
