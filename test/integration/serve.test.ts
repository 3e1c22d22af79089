/** `vigie serve`: from a mail in the outbox to the open report, on this machine and for nobody else. */
import type { ChildProcess } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ended, newFolder, startVigie, vigie, writeNdjson } from '../support/cli.ts'

let home: string
let remove: () => Promise<void>
let child: ChildProcess
let url: string
let said = ''

const run = async (...args: readonly string[]) => {
  const ran = await vigie([...args, '--home', home])
  if (ran.code !== 0) throw new Error(`vigie ${args.join(' ')}: ${ran.stderr}`)
  return ran.stdout
}

beforeAll(async () => {
  const { folder, remove: removing } = await newFolder()
  remove = removing
  home = join(folder, 'home')
  const file = await writeNdjson(join(folder, 'one.ndjson'), {
    id: 'one',
    detector: 'watch',
    kind: 'copy-paste',
    title: { fr: 'Constat réservé', en: 'Reserved finding' },
    territories: ['NC'],
    observed: { from: '2024-05-15' },
    counts: { posts: 7 },
    marking: 'TLP:AMBER',
  })
  await run('ingest', file)
  await run('recipients', 'add', 'ana@example.org', '--territory', 'NC', '--clearance', 'AMBER', '--language', 'en')
  await run('report', 'NC', '2024-W20', '--deliver')
  await run('flash', 'one')
  child = startVigie(['serve', '--port', '0', '--home', home])
  url = await new Promise<string>((done, fail) => {
    child.stderr?.on('data', (chunk) => {
      said += chunk
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(said)
      if (found && said.includes('Ctrl-C')) done(found[0])
    })
    child.once('close', () => fail(new Error(said)))
  })
})
afterAll(async () => {
  child.kill('SIGKILL')
  await remove()
})

const mails = async (begins: string) => {
  const names = (await readdir(join(home, 'outbox'))).filter((name) => name.startsWith(begins))
  return Promise.all(names.map(async (name) => PostalMime.parse(await readFile(join(home, 'outbox', name)))))
}
const tokenIn = (text: string | undefined, path: string) =>
  new RegExp(`/${path}/([0-9a-f]{64})`).exec(text ?? '')?.[1] ?? 'none'
const post = (path: string, form: Readonly<Record<string, string>>) =>
  fetch(`${url}${path}`, { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' })

describe('vigie serve', () => {
  test('prints the address that opens it, and lets nobody in without', async () => {
    expect(said).toContain('Keep that address secret')
    expect(said).toContain('loopback only')
    const [entrance = '', token = ''] = new RegExp(`${url}/enter/([0-9a-f]{64})`).exec(said) ?? []
    expect(said).toContain(`Authorization: Bearer ${token}`)
    const entered = await fetch(entrance, { redirect: 'manual' })
    const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    expect((await fetch(`${url}/room`, { headers: { cookie } })).status).toBe(200)
    expect((await fetch(`${url}/room`)).status).toBe(401)
    expect((await fetch(`${url}/reports`)).status).toBe(401)
    expect((await fetch(`${url}/reports`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
  })

  test('says which address mails would have to name', () => {
    expect(said).toContain(`VIGIE_SITE=${url}`)
  })

  test('opens the link of a mail with a code from the outbox', async () => {
    const [mail] = await mails('NC.')
    const path = `/r/${tokenIn(mail?.text, 'r')}`
    expect(await (await fetch(`${url}${path}`)).text()).toContain('Send me the code')
    await post(path, { ask: 'code' })
    const [sent] = await mails('code.')
    expect(sent?.subject).toBe('Vigie: your reading code')
    const code = /^\d{6}$/m.exec(sent?.text ?? '')?.[0] ?? ''
    const answer = await post(path, { code, file: 'html' })
    expect(answer.status).toBe(303)
    const report = await fetch(new URL(answer.headers.get('location') ?? '', url))
    expect(await report.text()).toContain('Reserved finding')
    expect(said).toContain('"what":"file opened"')
  })

  test('mails a flash note once it is approved in the room', async () => {
    const [entrance = ''] = new RegExp(`${url}/enter/[0-9a-f]{64}`).exec(said) ?? []
    const entered = await fetch(entrance, { redirect: 'manual' })
    const headers = { cookie: entered.headers.getSetCookie()[0]?.split(';')[0] ?? '', 'sec-fetch-site': 'same-origin' }
    const text = async (path: string) =>
      (await (await fetch(`${url}${path}`, { headers })).text()).replaceAll('&#x3D;', '=')
    const versions = /href="(\/room\/flash-[^"#]+)/.exec(await text('/room'))?.[1] ?? ''
    const decide = new RegExp(`href="(${versions}/1/decide)`).exec(await text(versions))?.[1] ?? ''
    const token = /name="token" value="([^"]+)"/.exec(await text(decide))?.[1] ?? ''
    expect(await mails('flash-')).toEqual([])
    const body = new URLSearchParams({ token, do: 'approve', revision: 'waits', by: 'C. Morel' })
    expect((await fetch(`${url}${decide}`, { method: 'POST', headers, body, redirect: 'manual' })).status).toBe(303)
    expect((await mails('flash-')).map(({ to }) => to?.[0]?.address)).toEqual(['ana@example.org'])
  })

  test('confirms whoever was asked', async () => {
    await run('recipients', 'add', 'ben@example.org', '--territory', 'NC', '--ask')
    const [mail] = await mails('confirm.')
    const answer = await post(`/confirm/${tokenIn(mail?.text, 'confirm')}`, { join: 'yes' })
    expect(answer.status).toBe(200)
    expect(await run('recipients', 'list')).toMatch(/ben@example\.org .*active/)
  })

  test('answers by its own name only', async () => {
    const status = (host: string) =>
      new Promise<number | undefined>((done, fail) => {
        const asked = request(`${url}/healthz`, { headers: { host } }, (answer) => {
          answer.resume()
          done(answer.statusCode)
        })
        asked.once('error', fail).end()
      })
    expect(await status(new URL(url).host)).toBe(200)
    expect(await status(`localhost:${new URL(url).port}`)).toBe(200)
    expect(await status('evil.example')).toBe(421)
    expect(await status(`127.0.0.1.evil.example:${new URL(url).port}`)).toBe(421)
  })

  test('is refused for a stage, for what is no port, and for a port that is taken', async () => {
    expect(await vigie(['serve', '--stage', 'prod', '--home', home])).toMatchObject({ code: 2 })
    expect(await vigie(['serve', '--port', '70000', '--home', home])).toMatchObject({ code: 2 })
    const taken = await vigie(['serve', '--port', new URL(url).port, '--home', home])
    expect(taken.code).toBe(1)
    expect(taken.stderr).toContain('cannot be listened on')
  })

  test('makes at the next start what was asked for when it was killed', async () => {
    const start = async () => {
      said = ''
      child = startVigie(['serve', '--port', '0', '--home', home])
      child.stderr?.on('data', (chunk) => {
        said += chunk
      })
      while (!said.includes('Ctrl-C')) await pause(20)
      return {
        at: /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? '',
        bearer: /Bearer [0-9a-f]{64}/.exec(said)?.[0] ?? '',
      }
    }
    child.kill('SIGKILL')
    await ended(child)
    const before = await start()
    const headers = { authorization: before.bearer, 'content-type': 'application/json' }
    // Several at once: those behind the first one still wait when the program dies.
    const answers = await Promise.all(
      ['MQ', 'GP', 'RE'].map((territory) =>
        fetch(`${before.at}/reports`, {
          method: 'POST',
          headers,
          body: JSON.stringify({ territory, period: '2024-W20' }),
        }),
      ),
    )
    child.kill('SIGKILL')
    await ended(child)
    const last = answers.at(-1)?.headers.get('location') ?? ''
    const after = await start()
    url = after.at
    expect(said).toMatch(/Requests that an earlier start has left, and that are made now: [23]/)
    let state = ''
    while (state !== 'done' && state !== 'failed') {
      await pause(200)
      const answer = await fetch(`${after.at}${last}`, { headers: { authorization: after.bearer } })
      state = ((await answer.json()) as { state: string }).state
    }
    expect(state).toBe('done')
  })

  test('ends at once at Ctrl-C', async () => {
    const end = ended(child)
    child.kill('SIGINT')
    expect((await end).code).toBe(130)
    await expect(fetch(url)).rejects.toThrow()
  })
})
