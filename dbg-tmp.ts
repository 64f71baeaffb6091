import { startTestPostgres } from './tests/support/postgres';
import { spawnSync, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
(async () => {
  const pg = await startTestPostgres();
  const u = new URL(pg.url);
  const PATH = '/tmp/tools/sqlbin:' + process.env.PATH;
  spawnSync('sh', ['docker/temporal/schema.sh'], { env: { PATH, SQL_PLUGIN: 'postgres12', SQL_HOST: u.hostname, SQL_PORT: u.port, SQL_USER: u.username, SQL_PASSWORD: u.password } });
  const s = spawn('/tmp/tools/bin/server', ['start'], { cwd: '/tmp', stdio: ['ignore', 'pipe', 'pipe'], env: { PATH, DB: 'postgres12', DB_PORT: u.port, POSTGRES_SEEDS: u.hostname, POSTGRES_USER: u.username, POSTGRES_PWD: u.password, BIND_ON_IP: '0.0.0.0', TEMPORAL_BROADCAST_ADDRESS: '127.0.0.1', NUM_HISTORY_SHARDS: '512', LOG_LEVEL: 'warn', FRONTEND_GRPC_PORT: '17233', FRONTEND_HTTP_PORT: '17243', DYNAMIC_CONFIG_FILE_PATH: '/work/main/docker/temporal/dynamic-config.yaml' } });
  let out = ''; s.stdout.on('data', d => out += d); s.stderr.on('data', d => out += d);
  await sleep(12000);
  for (let i = 0; i < 2; i++) {
    const t0 = Date.now();
    const r = spawnSync('sh', ['docker/temporal/setup.sh'], { encoding: 'utf8', timeout: 60000, env: { PATH: process.env.CLI + ':' + PATH, HOME: process.env.HOME, TEMPORAL_ADDRESS: '127.0.0.1:17233', TEMPORAL_NAMESPACE: 'default', TEMPORAL_RETENTION: '72h' } });
    console.log('setup', r.status, Date.now() - t0, r.stdout.slice(-500), r.stderr.slice(-800));
  }
  console.log('server log', out.length, out.slice(0, 1500), '...', out.slice(-1500));
  s.kill('SIGTERM'); await sleep(3000); s.kill('SIGKILL');
  await pg.stop();
})();
