const { generateKnexTablesModule } = require('kanel-knex');

/** Row types from the real schema: `npm run rows` writes them, and CI refuses a difference. */
module.exports = {
  connection: process.env.DATABASE_URL,
  schemas: ['public', 'sandbox_provider'],
  outputPath: './src/db/rows',
  // src/db/connection.ts reads both of them this way.
  customTypeMap: { 'pg_catalog.int8': 'number', 'pg_catalog.date': 'string' },
  typeFilter: ({ kind, name }) => kind === 'table' && !name.startsWith('schema_migrations'),
  // IDs are plain strings: brands would have to be cast away at every edge.
  generateIdentifierType: ({ name, type }, { name: table }) => ({
    declarationType: 'typeDeclaration',
    name: [table, name]
      .join('_')
      .replace(/(?:^|_)([a-z])/g, (_, letter) => letter.toUpperCase()),
    exportAs: 'named',
    typeDefinition: [/^pg_catalog\.int\d$/.test(type.fullName) ? 'number' : 'string'],
    comment: [],
  }),
  preRenderHooks: [generateKnexTablesModule],
};
