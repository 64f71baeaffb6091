import type { ServerResponse } from 'node:http';

/** The page that shows what the API and the local stack offer; and its script. */
const DOCS_PAGE = '/local/docs';
const SCRIPT = `${DOCS_PAGE}.js`;

/** Swagger UI itself comes from the API, which has such a page of its own. */
const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Flight Bookings and the local stack</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/swagger-ui-standalone-preset.js"></script>
    <script src="${SCRIPT}"></script>
  </body>
</html>
`;

const START = `SwaggerUIBundle({
  dom_id: '#swagger-ui',
  urls: [
    { name: 'Local stack', url: '/local/openapi.json' },
    { name: 'API', url: '/api/v1/openapi.json' },
  ],
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: 'StandaloneLayout',
  // Without this, it would send the documents to a validator on the internet.
  validatorUrl: null,
  tryItOutEnabled: true,
});
`;

const FILES = new Map([
  [DOCS_PAGE, { type: 'text/html; charset=utf-8', body: PAGE }],
  [SCRIPT, { type: 'text/javascript; charset=utf-8', body: START }],
]);

/** Answers a request for the page or its script. Returns whether it is one. */
export function showDocs(pathname: string, res: ServerResponse): boolean {
  const file = FILES.get(pathname);
  if (file === undefined) return false;
  res
    .writeHead(200, {
      'content-type': file.type,
      'cache-control': 'no-store',
      'content-security-policy':
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
      'x-content-type-options': 'nosniff',
    })
    .end(file.body);
  return true;
}
