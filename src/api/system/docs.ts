import { Router } from 'express';
import swaggerUi from 'swagger-ui-express';
import { openApiDocument } from '../openapi/document';

/**
 * The API's description. Except for the example date of the search, it is the same in every
 * process.
 */
export function openApiRoutes(): Router {
  const documentOf = oncePerDay(openApiDocument);
  const routes = Router();
  routes.get('/openapi.json', (_req, res) => {
    res.set('Cache-Control', REVALIDATED).json(documentOf(new Date()));
  });
  return routes;
}

/** Caches the result for a day: making the document takes longer than sending it. */
function oncePerDay<T>(make: (now: Date) => T): (now: Date) => T {
  let made: { day: string; value: T } | undefined;
  return (now) => {
    const day = now.toISOString().slice(0, 10);
    if (made?.day !== day) made = { day, value: make(now) };
    return made.value;
  };
}

/** A page that shows the description, and needs nothing from the internet. */
export function docsRoutes(): Router {
  const routes = Router();
  routes.use((_req, res, next) => {
    res.set('Cache-Control', REVALIDATED);
    next();
  });
  routes.get(['/', '/*asset'], swaggerUi.serve, swaggerUi.setup(null, { swaggerOptions: PAGE }));
  return routes;
}

/** Settings of Swagger UI. */
const PAGE = {
  url: '/api/v1/openapi.json',
  // Without this, it would send the document to a validator on the internet.
  validatorUrl: null,
  // A token that was entered survives a reload, in this browser only.
  persistAuthorization: true,
  // Forms are open, and send what they show.
  tryItOutEnabled: true,
  displayRequestDuration: true,
};

/** Clients may store it, and must revalidate it: another release may describe another API. */
const REVALIDATED = 'no-cache';
