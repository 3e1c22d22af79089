/** Readers answer by the link of a mail, under its right alone; an analyst finds what they say, and closes it once. */
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

  test('that two presses of its button send at once is one; a page that is opened anew takes another', async () => {
    const { path } = await linkOf()
    const formIn = (text: string) => /name="form" value="([^"]+)"/.exec(text)?.[1] ?? ''
    const form = formIn(await (await web.get(path)).text())
    const said = { kind: 'question', text: 'twice?' }
    const before = (await kept()).length
    web.opened.at('2024-05-20T08:00:01.000Z')
    const first = answer(path, { ...said, form })
    web.opened.at('2024-05-20T08:00:02.000Z')
    expect((await Promise.all([first, answer(path, { ...said, form })])).map(({ status }) => status)).toEqual([
      200, 200,
    ])
    expect((await answer(path, { ...said, form })).status).toBe(200)
    expect((await kept()).slice(before).map(({ text }) => text)).toEqual(['twice?'])
    const another = formIn(await (await web.get(path)).text())
    expect(another).not.toBe(form)
    await answer(path, { ...said, form: another })
    expect((await kept()).slice(before)).toHaveLength(2)
    // One that was closed is not opened again by the same form.
    const [id = ''] = (await kept()).slice(before).map((one) => one.id)
    await web.opened.services.answers.close(id, { at: '2024-05-20T09:00:00.000Z', by: 'Zoé', reason: 'read' })
    await answer(path, { ...said, form })
    expect((await kept()).slice(before)).toHaveLength(1)
    // What is refused comes back as the same form.
    expect(formIn(await (await answer(path, { kind: 'question', text: '', form })).text())).toBe(form)
  })

  test('that is written into the same form after another is kept beside it', async () => {
    const { path, reader } = await linkOf()
    const form = '7c0d3a52-57a3-4c3a-9a55-0d3f4a2d9c11'
    const said = [
      { kind: 'wrong', text: 'The figure' },
      { kind: 'wrong', text: 'And the date' },
      { kind: 'question', text: 'And the date' },
    ]
    for (const one of [...said, ...said]) expect((await answer(path, { ...one, form })).status).toBe(200)
    const own = (await kept()).filter(({ delivery }) => delivery.recipient === reader.id)
    expect(own).toHaveLength(said.length)
    expect(own).toEqual(expect.arrayContaining(said.map((one) => expect.objectContaining(one))))
  })

  test.each([
    ['signs that nobody sees', { kind: 'question', text: '\u200b \u00ad\u2060\ufe0f' }, 'Write your answer'],
    ['no kind', { text: 'x' }, 'Choose what it is about'],
    ['another kind', { kind: 'praise', text: 'x' }, 'Choose what it is about'],
    ['no text', { kind: 'wrong', text: ' \n ' }, 'Write your answer'],
    ['too much', { kind: 'wrong', text: 'a'.repeat(1_501) }, 'Write your answer'],
    ['control characters', { kind: 'wrong', text: 'a\u0007b' }, 'Write your answer'],
  ])('with %s is given back with what is wrong, and not kept', async (_what, form, says) => {
    const { path } = await linkOf()
    const before = (await kept()).length
    const page = await answer(path, form)
    expect(page.status).toBe(422)
    const text = await page.text()
    expect(text).toContain(says)
    expect(text).toContain('<details class="answer" open>')
    expect((await kept()).length).toBe(before)
  })

  test('that is hostile stands on pages as text', async () => {
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

  test('comes by a link that opens, and by no other', async () => {
    const before = (await kept()).length
    const said = { kind: 'question', text: 'Hello?' }
    expect((await answer(`/r/${'0'.repeat(64)}`, said)).status).toBe(404)
    const { path, reader } = await linkOf()
    await web.opened.services.recipients.replace({ ...reader, state: 'unsubscribed' })
    expect((await answer(path, said)).status).toBe(403)
    const { path: other } = await linkOf()
    const crossed = await web.post(other, { does: 'answer', ...said }, { 'sec-fetch-site': 'cross-site' })
    expect(crossed.status).toBe(403)
    expect((await kept()).length).toBe(before)
  })

  test('comes twenty times by a link at most, however many are sent at once', async () => {
    const { path } = await linkOf()
    const before = (await kept()).length
    const sent = await Promise.all(
      Array.from({ length: maxAnswers + 5 }, (_, at) => answer(path, { kind: 'question', text: `Again ${at}` })),
    )
    expect(sent.filter(({ status }) => status === 200)).toHaveLength(maxAnswers)
    expect(sent.filter(({ status }) => status === 429)).toHaveLength(5)
    expect((await kept()).length).toBe(before + maxAnswers)
  })
})

describe('who deals with answers', () => {
  test('sees those of reports that he may read, and closes each once, by name and reason', async () => {
    const { path } = await linkOf()
    await answer(path, { kind: 'wrong', text: 'The date of the second post' })
    expect(await textsOf()).toContain('The date of the second post')
    expect(await textsOf({ ...everything, clearance: 'TLP:GREEN' })).toEqual([])
    expect(await textsOf({ ...everything, territories: ['MQ'] })).toEqual([])
    expect(await textsOf({ ...everything, clearance: 'TLP:AMBER', territories: ['NC'] })).toContain(
      'The date of the second post',
    )
    const blind = await roomOn(web.opened.services, { ...everything, clearance: 'TLP:GREEN' })('/room/inbox')
    expect(blind.text).not.toContain('The date of the second post')
    const { id = '' } = (await kept()).find(({ text }) => text.startsWith('The date')) ?? {}
    web.opened.at('2024-05-21T08:00:00.000Z')
    const closed = { at: '2024-05-21T08:00:00.000Z', by: 'Ben', reason: 'corrected' }
    const both = await Promise.all(
      [1, 2].map(() => closeAnswer(id, { by: 'Ben', reason: 'corrected' }, web.opened.services)),
    )
    expect(both.filter(Boolean)).toHaveLength(1)
    const done = async (ceiling: Partial<Caller>) =>
      (await historyFor({ ...everything, ...ceiling }, { most: 10, sender: 'nobody' }, web.opened.services)).filter(
        (one) => one.id === id,
      )
    expect(await done({})).toEqual([
      {
        ...{ at: closed.at, did: 'closed', by: 'Ben', id, of: 'answer', reason: 'corrected' },
        ...{ what: ['NC', '2024-W20'], marking: 'TLP:AMBER' },
      },
    ])
    expect(await done({ clearance: 'TLP:AMBER', territories: ['NC'] })).toHaveLength(1)
    expect(await done({ clearance: 'TLP:GREEN' })).toEqual([])
    expect(await done({ territories: ['MQ'] })).toEqual([])
    expect(await textsOf()).not.toContain('The date of the second post')
    expect((await kept(everything, true)).find((one) => one.id === id)?.closed).toEqual(closed)
    const page = await roomOn(web.opened.services, everything)(`/room/inbox/answers/${id}`)
    expect(page.text).toContain('Closed by Ben')
    expect(page.text).not.toContain('Close this answer')
  })
})
