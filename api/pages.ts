import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Express, type Response } from 'express';
import { ERROR_CODES } from './errors.ts';
import { openApiText } from './openapi.ts';

const SWAGGER_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js'] as const;

const DOCS = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tenor API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
`;

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true, validatorUrl: null });\n`;

const ERRORS_STYLE = `body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid #ddd; }
tr:target { background: #fff3c4; }
`;

function errorsPage(): string {
  const rows = Object.entries(ERROR_CODES)
    .map(
      ([code, [status, meaning]]) =>
        `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${meaningHtml(meaning)}</td></tr>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Tenor API: errors</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/errors/page.css">
</head>
<body>
<h1>Errors</h1>
<p>Every error is a problem of RFC 9457 with a stable <code>code</code>. <a href="/docs">The reference</a> lists each route's codes.</p>
<table>
<thead><tr><th>Code</th><th>Status</th><th>Meaning</th></tr></thead>
<tbody>
${rows}
</tbody>
</table>
</body>
</html>
`;
}

/** Escapes a text for HTML, and marks what is between backticks as code. */
function meaningHtml(text: string): string {
  const escaped = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return escaped.replace(/`([^`]+)`/g, '<code>$1</code>');
}

/** Serves the OpenAPI document, the reference page (without files from other hosts) and the page of all errors. */
export function servePages(app: Express): void {
  const [openapi, errors] = [openApiText(), errorsPage()];
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const sendText = (type: string, text: string) => (_: unknown, response: Response) => {
    response.type(type).send(text);
  };
  app.get('/openapi.json', sendText('json', openapi));
  app.get('/', (_, response) => response.redirect('/docs'));
  app.get('/docs', sendText('html', DOCS));
  app.get('/docs/start.js', sendText('js', START));
  app.get('/errors', sendText('html', errors));
  app.get('/errors/page.css', sendText('css', ERRORS_STYLE));
  for (const file of SWAGGER_FILES) {
    app.get(`/docs/${file}`, (_, response) => {
      response.sendFile(join(folder, file), { maxAge: '1h' });
    });
  }
}
