import { Router } from 'express';
import swaggerUi from 'swagger-ui-express';
import { openApiDocument } from '../openapi/document';

/** The API's description, the same for as long as the process runs. */
export function openApiRoutes(): Router {
  const document = openApiDocument();
  const routes = Router();
  routes.get('/openapi.json', (_req, res) => {
    res.set('Cache-Control', REVALIDATED).json(document);
  });
  return routes;
}

/** A page that shows the description, and needs nothing from the internet. */
export function docsRoutes(): Router {
  const routes = Router();
  routes.use((_req, res, next) => {
    res.set('Cache-Control', REVALIDATED);
    next();
  });
  routes.get(
    ['/', '/*asset'],
    swaggerUi.serve,
    // Without a validator of its own it would send the document to one on the internet.
    swaggerUi.setup(null, { swaggerOptions: { url: '/api/v1/openapi.json', validatorUrl: null } }),
  );
  return routes;
}

/** It may be kept, and must be asked for again: another release may describe another API. */
const REVALIDATED = 'no-cache';
