/** Renders a report at each template change; archives nothing. */
import { spawn } from 'node:child_process'
import { watch } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { reportOf } from '../../lambdas/domain/page/build-page.ts'
import { fontFolder } from '../../lambdas/render/fonts.ts'
import { embeddedPictures } from '../../lambdas/usecases/archive/plates-of-report.ts'
import { draftFacts, type ReportRequest } from '../../lambdas/usecases/reports/generate-report.ts'
import type { CliContext } from './home/context.ts'

type Preview = { readonly url: string; readonly ended: Promise<void> }

/** Milliseconds; editors write a file in several steps. */
const settleMs = 80

/** Renders each page in a separate process to reload changed messages and templates. Errors replace the page. */
export const preview = async (
  request: ReportRequest,
  { port, templates }: { readonly port: number; readonly templates?: string | undefined },
  { services, folder, stopping }: CliContext,
): Promise<Preview> => {
  const facts = await draftFacts(request, services)
  const pictures = await embeddedPictures(reportOf(facts), services)
  const given = JSON.stringify({ facts, pictures: [...pictures] })
  const listeners = new Set<ServerResponse>()
  const server = createServer((asked, answer) => {
    const { pathname } = new URL(asked.url ?? '/', 'http://127.0.0.1')
    if (pathname === '/') html(answer, frame)
    else if (pathname === '/changes') listen(answer, listeners)
    else if (pathname === '/fr' || pathname === '/en') {
      void pageHtml(given, pathname.slice(1), folder, templates).then((page) => html(answer, page))
    } else answer.writeHead(404).end()
  })
  await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the preview has no port')

  let timer: NodeJS.Timeout | undefined
  const changed = () => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      for (const listener of listeners) listener.write('data: changed\n\n')
    }, settleMs)
  }
  const watched = [dirname(fontFolder()), ...(templates === undefined ? [] : [resolve(templates)])]
  const watchers = [
    ...watched.map((path) => watch(path, { recursive: true }, changed)),
    watch(folder, (_, name) => name === 'vigie.json' && changed()),
  ]
  const ended = new Promise<void>((done) => {
    stopping.addEventListener('abort', () => {
      for (const watcher of watchers) watcher.close()
      server.close(() => done())
      server.closeAllConnections()
    })
  })
  return { url: `http://127.0.0.1:${address.port}/`, ended }
}

const html = (answer: ServerResponse, body: string): void => {
  answer.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }).end(body)
}

const listen = (answer: ServerResponse, listeners: Set<ServerResponse>): void => {
  answer.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  answer.write('\n')
  listeners.add(answer)
  answer.on('close', () => listeners.delete(answer))
}

const renderer = fileURLToPath(new URL('./preview-page.ts', import.meta.url))

const pageHtml = (given: string, language: string, home: string, templates: string | undefined): Promise<string> =>
  new Promise((done) => {
    const child = spawn(process.execPath, [renderer, language, home, ...(templates === undefined ? [] : [templates])])
    let page = ''
    let errors = ''
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      page += chunk
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      errors += chunk
    })
    child.on('error', (error) => done(errorPage(error.message)))
    child.on('close', (code) => done(code === 0 ? page : errorPage(errors)))
    child.stdin.on('error', () => undefined) // the child reports its own failure
    child.stdin.end(given)
  })

const errorPage = (message: string): string =>
  `<!doctype html><meta charset="utf-8"><title>Not made</title><pre style="white-space:pre-wrap;margin:2rem">${message
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')}</pre>`

/** The page itself forbids scripts, so a frame around it reloads it. */
const frame = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Vigie preview</title>
<style>body{margin:0;display:grid;grid-template:2.5rem 1fr/1fr;height:100vh;font:1rem sans-serif}nav{padding:.5rem 1rem}iframe{border:0;width:100%;height:100%}</style>
<nav><a href="/fr" target="page">français</a> · <a href="/en" target="page">English</a></nav>
<iframe name="page" src="/fr" title="The report"></iframe>
<script>new EventSource('/changes').onmessage=()=>{const f=document.querySelector('iframe');f.contentWindow.location.reload()}</script>
</html>`
