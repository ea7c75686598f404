-- Every insert into observations also feeds its narrow companion, inside the engine.
CREATE MATERIALIZED VIEW IF NOT EXISTS {database}.observations_by_time_feed {on_cluster}
TO {database}.observations_by_time AS
SELECT
    project_id, start_time_us, trace_id, id, type, name, environment, level, parent_observation_id, is_app_root,
    end_time_us, completion_start_time_us, version, release, provided_model_name, internal_model_id, prompt_name,
    prompt_version, trace_name, user_id, session_id, tags, usage_details, cost_details, total_cost, tool_call_names,
    is_deleted, revision
FROM {database}.observations
