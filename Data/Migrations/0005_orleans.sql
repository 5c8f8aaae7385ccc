-- Orleans' statements, ours, to the contract of its ADO.NET providers: query keys, parameters and result columns are theirs.
create table OrleansQuery (
    QueryKey  varchar(64) primary key,
    QueryText varchar(8000) not null
);

-- Grain state. The hashes narrow the look-up; the unique index closes the race of two first writes. fillfactor: updates stay HOT.
create table orleans_state (
    service_id    text not null,
    type_hash     integer not null,
    id_hash       integer not null,
    grain_type    text not null,
    id_n0         bigint not null,
    id_n1         bigint not null,
    id_extension  text,
    payload       bytea,
    version       integer not null,
    modified_at   timestamptz not null
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

create unique index orleans_state_key on orleans_state (id_n0, id_n1, type_hash, id_hash, grain_type, id_extension, service_id) nulls not distinct;

-- Reminders. A tick that fell due while no silo ran is brought back by the range read, which answers it as due in a few seconds.
create table orleans_reminders (
    service_id    text not null,
    grain_id      text not null,
    reminder_name text not null,
    start_time    timestamptz not null,
    period_ms     bigint not null,
    grain_hash    integer not null,
    version       integer not null,
    primary key (service_id, grain_id, reminder_name)
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

create index orleans_reminders_due on orleans_reminders (service_id, start_time) include (grain_hash);

create table orleans_clusters (
    deployment_id text primary key,
    version       integer not null,
    changed_at    timestamptz not null
);

create table orleans_silos (
    deployment_id  text not null references orleans_clusters (deployment_id) on delete cascade,
    address        text not null,
    port           integer not null,
    generation     integer not null,
    silo_name      text not null,
    host_name      text not null,
    status         integer not null,
    proxy_port     integer not null,
    suspect_times  text,
    start_time     timestamptz not null,
    i_am_alive_at  timestamptz not null,
    primary key (deployment_id, address, port, generation)
) with (fillfactor = 70);

create function orleans_insert_silo(
    p_deployment text, p_address text, p_port integer, p_generation integer, p_name text, p_host text, p_status integer,
    p_proxy integer, p_start timestamptz, p_alive timestamptz, p_version integer) returns integer language plpgsql as $$
begin
    update orleans_clusters set version = version + 1, changed_at = now() where deployment_id = p_deployment and version = p_version;
    if not found then return 0; end if;
    insert into orleans_silos values (p_deployment, p_address, p_port, p_generation, p_name, p_host, p_status, p_proxy, null, p_start, p_alive);
    return 1;
exception when unique_violation then
    return 0;   -- the block's changes are undone, the version's with them
end $$;

create function orleans_update_silo(
    p_deployment text, p_address text, p_port integer, p_generation integer, p_status integer, p_suspects text,
    p_alive timestamptz, p_version integer) returns integer language plpgsql as $$
begin
    perform 1 from orleans_silos
        where deployment_id = p_deployment and address = p_address and port = p_port and generation = p_generation;
    if not found then return 0; end if;
    update orleans_clusters set version = version + 1, changed_at = now() where deployment_id = p_deployment and version = p_version;
    if not found then return 0; end if;
    update orleans_silos set status = p_status, suspect_times = p_suspects, i_am_alive_at = p_alive
        where deployment_id = p_deployment and address = p_address and port = p_port and generation = p_generation;
    return 1;
end $$;

insert into OrleansQuery (QueryKey, QueryText) values
('ReadFromStorageKey', '
    select payload as PayloadBinary, version as Version from orleans_state
    where id_n0 = @GrainIdN0 and id_n1 = @GrainIdN1 and type_hash = @GrainTypeHash and id_hash = @GrainIdHash
      and grain_type = @GrainTypeString and id_extension is not distinct from @GrainIdExtensionString and service_id = @ServiceId'),
('WriteToStorageKey', '
    select orleans_write_state(@GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString, @GrainIdExtensionString,
        @ServiceId, @GrainStateVersion, @PayloadBinary) as NewGrainStateVersion'),
('ClearStorageKey', '
    update orleans_state set payload = null, version = version + 1, modified_at = now()
    where id_n0 = @GrainIdN0 and id_n1 = @GrainIdN1 and type_hash = @GrainTypeHash and id_hash = @GrainIdHash
      and grain_type = @GrainTypeString and id_extension is not distinct from @GrainIdExtensionString and service_id = @ServiceId
      and version = @GrainStateVersion
    returning version as NewGrainStateVersion'),
('DeleteStorageKey', '
    delete from orleans_state
    where id_n0 = @GrainIdN0 and id_n1 = @GrainIdN1 and type_hash = @GrainTypeHash and id_hash = @GrainIdHash
      and grain_type = @GrainTypeString and id_extension is not distinct from @GrainIdExtensionString and service_id = @ServiceId
      and version = @GrainStateVersion
    returning version + 1 as NewGrainStateVersion'),

('UpsertReminderRowKey', '
    insert into orleans_reminders values (@ServiceId, @GrainId, @ReminderName, @StartTime, @Period, @GrainHash, 0)
    on conflict (service_id, grain_id, reminder_name) do update
    set start_time = excluded.start_time, period_ms = excluded.period_ms, grain_hash = excluded.grain_hash, version = orleans_reminders.version + 1
    returning version'),
('ReadReminderRowsKey', '
    select grain_id as GrainId, reminder_name as ReminderName, start_time as StartTime, period_ms as Period, version as Version
    from orleans_reminders where service_id = @ServiceId and grain_id = @GrainId'),
('ReadReminderRowKey', '
    select grain_id as GrainId, reminder_name as ReminderName, start_time as StartTime, period_ms as Period, version as Version
    from orleans_reminders where service_id = @ServiceId and grain_id = @GrainId and reminder_name = @ReminderName'),
('ReadRangeRows1Key', '
    select grain_id as GrainId, reminder_name as ReminderName,
        case when start_time < now() then now() + random() * interval ''4 seconds'' + interval ''1 second'' else start_time end as StartTime,
        period_ms as Period, version as Version
    from orleans_reminders
    where service_id = @ServiceId and start_time < now() + interval ''20 minutes'' and grain_hash > @BeginHash and grain_hash <= @EndHash'),
('ReadRangeRows2Key', '
    select grain_id as GrainId, reminder_name as ReminderName,
        case when start_time < now() then now() + random() * interval ''4 seconds'' + interval ''1 second'' else start_time end as StartTime,
        period_ms as Period, version as Version
    from orleans_reminders
    where service_id = @ServiceId and start_time < now() + interval ''20 minutes'' and (grain_hash > @BeginHash or grain_hash <= @EndHash)'),
('DeleteReminderRowKey', '
    with gone as (
        delete from orleans_reminders
        where service_id = @ServiceId and grain_id = @GrainId and reminder_name = @ReminderName and version = @Version returning 1)
    select count(*)::integer from gone'),
('DeleteReminderRowsKey', 'delete from orleans_reminders where service_id = @ServiceId'),

('InsertMembershipVersionKey', '
    with made as (
        insert into orleans_clusters values (@DeploymentId, 0, now()) on conflict (deployment_id) do nothing returning 1)
    select count(*)::integer from made'),
('InsertMembershipKey', '
    select orleans_insert_silo(@DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime,
        @IAmAliveTime, @Version)'),
('UpdateMembershipKey', '
    select orleans_update_silo(@DeploymentId, @Address, @Port, @Generation, @Status, @SuspectTimes, @IAmAliveTime, @Version)'),
('UpdateIAmAlivetimeKey', '
    update orleans_silos set i_am_alive_at = @IAmAliveTime
    where deployment_id = @DeploymentId and address = @Address and port = @Port and generation = @Generation'),
('MembershipReadRowKey', '
    select c.deployment_id as DeploymentId, s.address as Address, s.port as Port, s.generation as Generation, s.silo_name as SiloName,
        s.host_name as HostName, s.status as Status, s.proxy_port as ProxyPort, s.suspect_times as SuspectTimes, s.start_time as StartTime,
        s.i_am_alive_at as IAmAliveTime, c.version as Version
    from orleans_clusters c
    left join orleans_silos s on s.deployment_id = c.deployment_id and s.address = @Address and s.port = @Port and s.generation = @Generation
    where c.deployment_id = @DeploymentId'),
('MembershipReadAllKey', '
    select c.deployment_id as DeploymentId, s.address as Address, s.port as Port, s.generation as Generation, s.silo_name as SiloName,
        s.host_name as HostName, s.status as Status, s.proxy_port as ProxyPort, s.suspect_times as SuspectTimes, s.start_time as StartTime,
        s.i_am_alive_at as IAmAliveTime, c.version as Version
    from orleans_clusters c
    left join orleans_silos s on s.deployment_id = c.deployment_id
    where c.deployment_id = @DeploymentId'),
('GatewaysQueryKey', '
    select address as Address, proxy_port as ProxyPort, generation as Generation
    from orleans_silos where deployment_id = @DeploymentId and status = @Status and proxy_port > 0'),
('CleanupDefunctSiloEntriesKey', '
    delete from orleans_silos where deployment_id = @DeploymentId and i_am_alive_at < @IAmAliveTime and status <> 3'),
('DeleteMembershipTableEntriesKey', 'delete from orleans_clusters where deployment_id = @DeploymentId');
