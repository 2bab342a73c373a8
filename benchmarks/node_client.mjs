// One client of a peer written for node: `node node_client.mjs PEER setup|client`, connection by PG* variables.
// As a client: {"ready":true}; then for each line "go SECONDS APPENDS_IN_FLIGHT" one line {"count":n,"seconds":s}.
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import { randomUUID } from 'node:crypto';

const require = createRequire(new URL('.peers/package.json', import.meta.url));
const [peer, what] = process.argv.slice(2);
const { PGHOST, PGPORT = '5432', PGUSER, PGPASSWORD = '', PGDATABASE, EVENT, PAYLOAD } = process.env;
const data = JSON.parse(PAYLOAD);
const login = `${PGUSER}${PGPASSWORD ? `:${encodeURIComponent(PGPASSWORD)}` : ''}`;
const tcp = !PGHOST.startsWith('/');

const peers = {
  emmett() {
    const { getPostgreSQLEventStore } = require('@event-driven-io/emmett-postgresql');
    const { STREAM_DOES_NOT_EXIST } = require('@event-driven-io/emmett');
    const url = tcp
      ? `postgresql://${login}@${PGHOST}:${PGPORT}/${PGDATABASE}`
      : `postgresql://${login}@localhost:${PGPORT}/${PGDATABASE}?host=${encodeURIComponent(PGHOST)}`;
    const store = getPostgreSQLEventStore(url, { schema: { autoMigration: 'None' } });
    return {
      setup: () => store.schema.migrate(),
      append: () =>
        store.appendToStream(`complaint-${randomUUID()}`, [{ type: EVENT, data }], {
          expectedStreamVersion: STREAM_DOES_NOT_EXIST,
        }),
    };
  },
  castore() {
    const { PostgresEventStorageAdapter } = require('@castore/event-storage-adapter-postgres');
    const { EventStore, EventType } = require('@castore/core');
    // The driver beneath takes a socket folder from PGHOST when the address names no host.
    const connectionString = tcp
      ? `postgresql://${login}@${PGHOST}:${PGPORT}/${PGDATABASE}`
      : `postgresql:///${PGDATABASE}`;
    const eventStorageAdapter = what === 'client' ? new PostgresEventStorageAdapter({ connectionString }) : undefined;
    const store = new EventStore({
      eventStoreId: 'complaints',
      eventTypes: [new EventType({ type: EVENT })],
      reducer: (state, event) => ({ ...state, aggregateId: event.aggregateId, version: event.version }),
      eventStorageAdapter,
    });
    return {
      setup: () => PostgresEventStorageAdapter.createEventTable({ connectionString }),
      append: () => store.pushEvent({ aggregateId: randomUUID(), version: 1, type: EVENT, payload: data }),
    };
  },
};

const contender = peers[peer]();
if (what === 'setup') {
  await contender.setup();
  process.exit(0);
}
const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
say({ ready: true });
for await (const line of createInterface({ input: process.stdin })) {
  const [seconds, inFlight] = line.split(' ').slice(1).map(Number);
  try {
    let count = 0;
    const began = performance.now();
    const ends = began + seconds * 1000;
    const one = async () => {
      while (performance.now() < ends) {
        await contender.append();
        count += 1;
      }
    };
    await Promise.all(Array.from({ length: inFlight }, one));
    say({ count, seconds: (performance.now() - began) / 1000 });
  } catch (error) {
    say({ error: `${peer}: ${error.stack}` });
  }
}
process.exit(0);
