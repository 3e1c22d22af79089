/** `vigie serve` as a process. Sign-in, pages and queued jobs of its server are test/bin/cli/home/server.test.ts. */
import type { ChildProcess } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ended, newFolder, startVigie, vigie, writeNdjson } from '../support/cli.ts'

let home: string
let remove: () => Promise<void>
let child: ChildProcess
let url: string
let stderr = ''

const run = async (...args: readonly string[]) => {
  const ran = await vigie([...args, '--home', home])
  if (ran.code !== 0) throw new Error(`vigie ${args.join(' ')}: ${ran.stderr}`)
  return ran.stdout
}

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  home = join(made.folder, 'home')
  const file = await writeNdjson(join(made.folder, 'one.ndjson'), {
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
  child = startVigie(['serve', '--port', '0', '--home', home])
  url = await new Promise<string>((done, fail) => {
    child.stderr?.on('data', (chunk) => {
      stderr += chunk
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(stderr)
      if (found && stderr.includes('Ctrl-C')) done(found[0])
    })
    child.once('close', () => fail(new Error(stderr)))
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

test('prints the address to open and the token for programs', async () => {
  expect(stderr).toContain('Keep that address secret')
  expect(stderr).toContain('loopback only')
  expect(stderr).not.toContain('Mails name')
  const [entrance = '', token = ''] = new RegExp(`${url}/enter/([0-9a-f]{64})`).exec(stderr) ?? []
  expect(stderr).toContain(`Authorization: Bearer ${token}`)
  expect((await fetch(entrance, { redirect: 'manual' })).status).toBe(303)
  expect((await fetch(`${url}/reports`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
})

test('is named by the links of later mails', async () => {
  await run('recipients', 'add', 'bo@example.org', '--territory', 'NC', '--clearance', 'AMBER', '--language', 'en')
  await run('report', 'NC', '2024-W20', '--deliver')
  expect((await mails('NC.')).map(({ text }) => text?.includes(`${url}/`)).toSorted()).toEqual([false, true])
})

test('opens the link of a mail with a code from the outbox, and confirms a recipient', async () => {
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
  expect(stderr).toContain('"what":"file opened"')

  await run('recipients', 'add', 'ben@example.org', '--territory', 'NC', '--ask')
  const [question] = await mails('confirm.')
  expect((await post(`/confirm/${tokenIn(question?.text, 'confirm')}`, { join: 'yes' })).status).toBe(200)
  expect(await run('recipients', 'list')).toMatch(/ben@example\.org .*active/)
})

test('sees at once that a token of a program was made or revoked', async () => {
  const reads = ['--scope', 'reports:read', '--territory', 'pacific', '--clearance', 'AMBER']
  const added = await vigie(['tokens', 'add', 'reader-1', ...reads, '--by', 'Ana', '--home', home])
  const token = added.stdout.trim()
  expect(token).toMatch(/^vigie_[0-9a-f]{12}_[\w-]{43}$/)
  const answer = () => fetch(`${url}/reports`, { headers: { authorization: `Bearer ${token}` } })
  expect((await answer()).status).toBe(200)
  const listed = await run('tokens', 'list', '--json')
  expect(JSON.parse(listed)).toMatchObject([{ name: 'reader-1', territories: ['NC', 'PF', 'WF'], madeBy: 'Ana' }])
  expect(added.stderr + listed + stderr).not.toContain(token.slice(19))
  await run('tokens', 'revoke', 'reader-1', '--json')
  expect([(await answer()).status, await (await answer()).json()]).toMatchObject([
    401,
    { detail: expect.stringContaining('The token reader-1 was revoked') },
  ])
})

test('answers to its own name only', async () => {
  const status = (host: string) =>
    new Promise<number | undefined>((done, fail) => {
      const sent = request(`${url}/healthz`, { headers: { host } }, (answer) => {
        answer.resume()
        done(answer.statusCode)
      })
      sent.once('error', fail).end()
    })
  const { host, port } = new URL(url)
  const names = [host, `localhost:${port}`, 'evil.example', `127.0.0.1.evil.example:${port}`]
  expect(await Promise.all(names.map(status))).toEqual([200, 200, 421, 421])
})

test('refuses a stage, an invalid port and a port in use', async () => {
  expect(await vigie(['serve', '--stage', 'prod', '--home', home])).toMatchObject({ code: 2 })
  expect(await vigie(['serve', '--port', '70000', '--home', home])).toMatchObject({ code: 2 })
  const [proxy, issuer] = ['--public-url=https://vigie.example.org', '--issuer=https://idp.example.org']
  for (const [words, message] of [
    [[issuer, '--client-id=vigie'], '--public-url'],
    [[proxy, issuer], '--client-id'],
    [[proxy, '--client-id=vigie'], '--issuer'],
    [['--public-url=https://example.org/vigie'], 'without a path'],
    [[proxy, '--issuer=http://idp.example.org', '--client-id=vigie'], 'https address'],
  ] as const) {
    const { code, stderr: why } = await vigie(['run', ...words, '--home', home])
    expect([code, why]).toEqual([2, expect.stringContaining(message)])
  }
  const taken = await vigie(['serve', '--port', new URL(url).port, '--home', home])
  expect([taken.code, taken.stderr]).toEqual([1, expect.stringMatching(/is in use: --port \d+ is free/)])
})

test('prints by which server mails leave', async () => {
  expect(stderr).toContain(`opens the links of mails, which are written to ${home}/outbox\n`)
  const mail = { from: 'vigie@example.org', smtp: 'smtps://vigie@mail.example.org' }
  await writeFile(join(home, 'vigie.json'), JSON.stringify({ mail }))
  const other = startVigie(['serve', '--port', '0', '--home', home])
  let printed = ''
  for await (const chunk of other.stderr ?? []) if ((printed += chunk).includes('Ctrl-C')) break
  other.kill('SIGKILL')
  expect(printed).toContain('opens the links of mails, which leave by mail.example.org\n')
  expect(printed).not.toContain('outbox')
})

test('ends at Ctrl-C', async () => {
  const end = ended(child)
  child.kill('SIGINT')
  expect((await end).code).toBe(130)
  await expect(fetch(url)).rejects.toThrow()
})
