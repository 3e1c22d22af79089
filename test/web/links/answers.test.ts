/** Readers answer by the link of a mail; an analyst who may read the report sees the answer and closes it once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import { maxAnswers } from '../../../lambdas/domain/delivery/answer.ts'
import type { Recipient } from '../../../lambdas/domain/delivery/recipient.ts'
import { answersFor, closeAnswer } from '../../../lambdas/usecases/answers.ts'
import { historyFor } from '../../../lambdas/usecases/todo/history.ts'
import { recipient } from '../../support/recipients.ts'
import { roomOn } from '../../support/room-on.ts'
import { openWeb, type Web } from '../../support/web.ts'

let web: Web
let readers = 0

beforeAll(async () => {
  web = await openWeb({ contact: 'veille@example.org' })
})
afterAll(() => web.close())

const linkOf = async (changes: Partial<Recipient> = {}) => {
  readers += 1
  web.opened.at('2024-05-20T08:00:00.000Z')
  const reader = recipient(`answers-${readers}@example.org`, { language: 'en', name: 'Ana', ...changes })
  const { read } = await web.linkTo(reader)
  return { path: `/r/${read}`, reader }
}
const answer = (path: string, form: Readonly<Record<string, string>>) => web.post(path, { does: 'answer', ...form })
const kept = async (caller: Caller = everything, closed = false) => answersFor(caller, { closed }, web.opened.services)
const textsOf = async (caller?: Caller) => (await kept(caller)).map(({ text }) => text)
const formIn = (text: string) => /name="form" value="([^"]+)"/.exec(text)?.[1] ?? ''

describe('an answer', () => {
  test('is kept with its report and its reader, and opens nothing', async () => {
    const { path, reader } = await linkOf()
    const page = await (await web.get(path)).text()
    expect(page).toContain('Answer the watch team')
    expect(page).toContain('Seen here too')
    const sent = await answer(path, { kind: 'seen here too', text: 'The same photo\r\non Réunion ' })
    expect(sent.status).toBe(200)
    expect(await sent.text()).toContain('Answer sent')
    expect(sent.headers.get('location')).toBeNull()
    expect((await kept()).at(-1)).toMatchObject({
      kind: 'seen here too',
      text: 'The same photo\non Réunion',
      at: '2024-05-20T08:00:00.000Z',
      delivery: { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', recipient: reader.id },
      marking: 'TLP:AMBER',
      reader: { address: reader.address, name: 'Ana' },
    })
    expect(web.mails).toEqual([])
  })

  test('of one form is kept once, however often it is sent, also once it was closed', async () => {
    const { path, reader } = await linkOf()
    const own = async () => (await kept()).filter(({ delivery }) => delivery.recipient === reader.id)
    const form = formIn(await (await web.get(path)).text())
    const typed = [
      { kind: 'wrong', text: 'The figure' },
      { kind: 'wrong', text: 'And the date' },
      { kind: 'question', text: 'And the date' },
    ]
    const sent = await Promise.all([...typed, ...typed].map((one) => answer(path, { ...one, form })))
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set([200]))
    expect(await own()).toHaveLength(typed.length)
    expect(await own()).toEqual(expect.arrayContaining(typed.map((one) => expect.objectContaining(one))))
    const { id = '', kind = '', text = '' } = (await own())[0] ?? {}
    await web.opened.services.answers.close(id, { at: '2024-05-20T09:00:00.000Z', by: 'Zoé', reason: 'read' })
    await answer(path, { kind, text, form })
    expect(await own()).toHaveLength(typed.length - 1)
    // A refused answer comes back in the same form, a page that is opened again has another.
    expect(formIn(await (await answer(path, { kind: 'question', text: '', form })).text())).toBe(form)
    const another = formIn(await (await web.get(path)).text())
    expect(another).not.toBe(form)
    await answer(path, { kind, text, form: another })
    expect(await own()).toHaveLength(typed.length)
  })

  test.each([
    ['invisible characters', { kind: 'question', text: '\u200b \u00ad\u2060\ufe0f' }, 'Write your answer'],
    ['another kind', { kind: 'praise', text: 'x' }, 'Choose what it is about'],
    ['no text', { kind: 'wrong', text: ' \n ' }, 'Write your answer'],
    ['too much', { kind: 'wrong', text: 'a'.repeat(1_501) }, 'Write your answer'],
    ['control characters', { kind: 'wrong', text: 'a\u0007b' }, 'Write your answer'],
  ])('with %s is returned with what is wrong, and not kept', async (_what, form, problem) => {
    const { path } = await linkOf()
    const before = (await kept()).length
    const page = await answer(path, form)
    expect(page.status).toBe(422)
    const text = await page.text()
    expect(text).toContain(problem)
    expect(text).toContain('<details class="answer" open>')
    expect((await kept()).length).toBe(before)
  })

  test('with hostile text is shown as text', async () => {
    const { path } = await linkOf()
    await answer(path, { kind: 'question', text: '<script>alert(1)</script> https://evil.example/x \u202egnp' })
    const room = roomOn(web.opened.services, everything)
    const list = await room('/room/inbox')
    expect(list.text).not.toContain('<script>alert')
    expect(list.text).toContain('&lt;script&gt;')
    expect(list.text).not.toContain('\u202e')
    const id = (await kept()).find(({ text }) => text.includes('evil'))?.id
    const page = await room(`/room/inbox/answers/${id}`)
    expect(page.status).toBe(200)
    expect(page.text).not.toContain('<script>alert')
  })

  test('is accepted by a link that opens its report, and by no other', async () => {
    const before = (await kept()).length
    const typed = { kind: 'question', text: 'Hello?' }
    expect((await answer(`/r/${'0'.repeat(64)}`, typed)).status).toBe(404)
    const { path, reader } = await linkOf()
    const crossed = await web.post(path, { does: 'answer', ...typed }, { 'sec-fetch-site': 'cross-site' })
    expect(crossed.status).toBe(403)
    await web.opened.services.recipients.replace({ ...reader, state: 'unsubscribed' })
    expect((await answer(path, typed)).status).toBe(403)
    expect((await kept()).length).toBe(before)
  })

  test('is accepted twenty times by a link at most, however many are sent at once', async () => {
    const { path } = await linkOf()
    const before = (await kept()).length
    const sent = await Promise.all(
      Array.from({ length: maxAnswers + 5 }, (_, at) => answer(path, { kind: 'question', text: `Again ${at}` })),
    )
    expect(sent.map(({ status }) => status).toSorted()).toEqual([...Array(maxAnswers).fill(200), ...Array(5).fill(429)])
    expect((await kept()).length).toBe(before + maxAnswers)
  })
})

test('an answer is shown to who may read its report, and closed once, by name and reason', async () => {
  const text = 'The date of the second post'
  const { path } = await linkOf()
  await answer(path, { kind: 'wrong', text })
  const hidden: readonly Partial<Caller>[] = [{ clearance: 'TLP:GREEN' }, { territories: ['MQ'] }]
  const shown: Partial<Caller> = { clearance: 'TLP:AMBER', territories: ['NC'] }
  for (const one of hidden) expect(await textsOf({ ...everything, ...one })).toEqual([])
  expect(await textsOf({ ...everything, ...shown })).toContain(text)
  const room = (caller: Partial<Caller>) => roomOn(web.opened.services, { ...everything, ...caller })
  expect((await room({ clearance: 'TLP:GREEN' })('/room/inbox')).text).not.toContain(text)
  const { id = '' } = (await kept()).find((one) => one.text === text) ?? {}
  const at = '2024-05-21T08:00:00.000Z'
  web.opened.at(at)
  const by = { by: 'Ben', reason: 'corrected' }
  const both = await Promise.all([1, 2].map(() => closeAnswer(id, by, web.opened.services)))
  expect(both.filter(Boolean)).toHaveLength(1)
  const done = async (ceiling: Partial<Caller>) => {
    const all = await historyFor({ ...everything, ...ceiling }, { most: 10, sender: 'nobody' }, web.opened.services)
    return all.filter((one) => one.id === id)
  }
  expect(await done({})).toEqual([
    { ...by, at, did: 'closed', id, of: 'answer', what: ['NC', '2024-W20'], marking: 'TLP:AMBER' },
  ])
  expect(await done(shown)).toHaveLength(1)
  for (const one of hidden) expect(await done(one)).toEqual([])
  expect(await textsOf()).not.toContain(text)
  expect((await kept(everything, true)).find((one) => one.id === id)?.closed).toEqual({ ...by, at })
  const page = (await room({})(`/room/inbox/answers/${id}`)).text
  expect(page).toContain('Closed by Ben')
  expect(page).not.toContain('Close this answer')
})
