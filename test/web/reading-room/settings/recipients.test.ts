/**
 * Who gets reports and why not, by the rule that sends; the list kept by forms, as far as each role may, and told to
 * the history.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Recipient } from '../../../../lambdas/domain/delivery/recipient.ts'
import { recipientId } from '../../../../lambdas/store/delivery/recipients.ts'
import { recipient } from '../../../support/recipients.ts'
import { formToken, hostile, inRole, openRoom, type Room } from '../../../support/room.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom()
  room.opened.at('2024-05-22T00:00:00.000Z')
  const { recipients } = room.opened.services
  await recipients.replace(recipient('odd@example.org', { clearance: 'TLP:GREEN', name: hostile, form: 'attachment' }))
  await recipients.replace(recipient('nation@example.org', { territories: ['overseas', 'COR'], editions: ['ALL'] }))
  await recipients.replace(recipient('corse@example.org', { territories: ['COR'] }))
  await recipients.replace(recipient('month@example.org', { cadences: ['month'] }))
  await recipients.replace({ ...recipient('broken@example.org'), clearance: 'TLP:NONE' } as never)
})
afterAll(() => room.close())

const page: Room['page'] = (...asked) => room.page(...asked)
const post: Room['send'] = (...sent) => room.send(...sent)
const pathOf = (address: string) => `/room/recipients/${recipientId(address)}`
const stampIn = (text: string) => /name="revision" value="([0-9a-f]+)"/.exec(text)?.[1] ?? ''
/** What the last form of a page holds unseen. */
const hiddenIn = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.slice(text.lastIndexOf('<form')).matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(
      ([, name = '', value = '']) => [name, value.replaceAll('&quot;', '"')],
    ),
  )
const stored = async (address: string) => room.opened.services.recipients.get(recipientId(address))
const rowOf = (text: string, label: string) => text.split('<tr').findLast((row) => row.includes(label)) ?? ''
const settings = (changes: Record<string, string> = {}) => ({
  ...{ territories: 'NC', cadences: 'week', editions: 'each', clearance: 'TLP:GREEN', language: 'fr' },
  ...{ form: 'link', quiet: 'send', digest: 'no', by: 'Claire', reason: 'asked by letter', ...changes },
})

describe('who would get the report of a week', () => {
  test('is answered by the rule that sends, with its first question that refused', async () => {
    const { status, text } = await page('/room/recipients?territory=NC&week=2024-W20')
    expect(status).toBe(200)
    expect(text).toMatch(/2\S* of \S*5\S* would get/)
    expect(rowOf(text, 'prefet@example.org')).toMatch(/<b>yes<\/b>.*Version.2.*the mail states only/s)
    expect(rowOf(text, recipientId('odd@example.org'))).toMatch(/yes.*TLP:GREEN.*the PDF attached/s)
    expect(rowOf(text, 'corse@example.org')).toContain('another territory: may read Corsica')
    expect(rowOf(text, 'month@example.org')).toContain('another cadence')
    expect(rowOf(text, 'nation@example.org')).toContain('another edition')
    expect(text).toContain('One stored recipient cannot be read')
    expect(text).not.toContain('<script>')
    expect(text).toContain('marked-amber')
  })

  test('is of the version that is there: recalled, it goes to nobody', async () => {
    await room.opened.services.recipients.replace(recipient('papeete@example.org', { territories: ['PF'] }))
    const { text } = await page('/room/recipients?territory=PF&week=2024-W20')
    expect(rowOf(text, 'papeete@example.org')).toContain('the newest version was recalled')
    const other = await page('/room/recipients?territory=PF&week=2024-W18')
    expect(rowOf(other.text, 'papeete@example.org')).toMatch(/yes.*as one would be/s)
  })

  test('tells nothing of versions above the clearance of who asks', async () => {
    await room.as(inRole('analyst', { clearance: 'TLP:GREEN' }), async () => {
      const { text } = await page('/room/recipients?territory=PF&week=2024-W20')
      expect(rowOf(text, 'papeete@example.org')).toMatch(/yes.*as one would be/s)
      expect(text).not.toContain('recalled')
      expect(text).not.toContain('marked-amber')
    })
  })

  test('skips a quiet week for who wants it so', async () => {
    await room.opened.services.recipients.replace(recipient('skips@example.org', { quiet: 'skip' }))
    const { text } = await page('/room/recipients?territory=NC&week=2024-W19')
    expect(rowOf(text, 'skips@example.org')).toContain('a quiet week, and these are skipped')
    await room.opened.services.recipients.replace(recipient('skips@example.org', { state: 'unsubscribed' }))
  })

  test.each(['territory=XX', 'week=never', 'territory=__proto__&week=2024-05'])('%s is pointed out', async (query) => {
    const { status, text } = await page(`/room/recipients?${query}`)
    expect([status, text]).toEqual([422, expect.stringContaining('Unknown value')])
  })
})

describe('one recipient', () => {
  test('is shown over all reports of a week, with what was mailed', async () => {
    const { status, text } = await page(`${pathOf('prefet@example.org')}?week=2024-W20`)
    expect(status).toBe(200)
    expect(text).toMatch(/1\S* of \S*14\S* reports would be mailed/)
    expect(rowOf(text, '>New Caledonia<')).toMatch(/yes.*Version.1\S*: .*sent/s)
    expect(rowOf(text, 'Martinique')).toContain('another territory')
  })

  test('is not there for who reads none of its territories, nor for readers', async () => {
    await room.as(inRole('analyst', { territories: ['NC'] }), async () => {
      expect((await page(pathOf('corse@example.org'))).status).toBe(404)
      expect((await page('/room/recipients')).text).not.toContain('corse@example.org')
      const nation = await page(pathOf('nation@example.org'))
      expect(nation.status).toBe(200)
      expect(nation.text).toContain('territories that are not yours')
      expect((await page(`${pathOf('nation@example.org')}/pause`)).status).toBe(404)
    })
    for (const role of ['reader', 'operator'] as const) {
      await room.as(inRole(role), async () => {
        expect((await page('/room/recipients')).status).toBe(403)
        expect((await page(pathOf('prefet@example.org'))).status).toBe(403)
        expect((await post('/room/recipients/new', settings({ address: 'x@example.org', do: 'do' }))).status).toBe(403)
      })
    }
  })
})

describe('adding', () => {
  const path = '/room/recipients/new'
  const asked = settings({ address: 'New@Example.org' })

  test('shows what would be mailed, then does it once', async () => {
    const seen = await post(path, { ...asked, do: 'look' })
    expect(seen.status).toBe(200)
    expect(seen.text).toMatch(/Mailed each week.*New Caledonia/s)
    expect(await stored('new@example.org')).toBeUndefined()
    const done = await post(path, { ...asked, do: 'do' })
    expect([done.status, done.to]).toEqual([303, pathOf('new@example.org')])
    expect(await stored('new@example.org')).toMatchObject({ clearance: 'TLP:GREEN', state: 'active' })
    const again = await post(path, { ...asked, do: 'do' })
    expect([again.status, again.text]).toEqual([422, expect.stringContaining('on the list already')])
  })

  test.each([
    [{ address: 'nobody' }, /Write a mail address/],
    [{ territories: '' }, /Tick one territory|no territory/],
    [{ cadences: '' }, /cadence/],
    [{ by: ' ' }, /Write your name/],
    [{ reason: '' }, /Write why/],
    [{ clearance: 'TLP:BLACK' }, /Cleared up to: .{1,6}TLP:BLACK/],
    [{ territories: 'Atlantis' }, /Atlantis/],
    [{ form: hostile }, /Form, up to TLP:GREEN: must be one of/],
  ])('%j is refused, with why', async (more, why) => {
    const { status, text } = await post(path, { ...asked, address: 'other@example.org', ...more, do: 'do' })
    expect([status, text]).toEqual([422, expect.stringMatching(why)])
    expect(text).not.toContain('<script>')
    expect(await stored('other@example.org')).toBeUndefined()
  })

  test('takes no form of another session or site', async () => {
    const form = { ...asked, address: 'other@example.org', do: 'do' }
    expect((await post(path, { ...form, token: 'x' })).status).toBe(403)
    const sent = await room.post(path, { token: formToken, ...form }, { 'sec-fetch-site': 'cross-site' })
    expect(sent.status).toBe(403)
    expect(await stored('other@example.org')).toBeUndefined()
  })

  test('an analyst gives up to GREEN in his territories, an approver up to his own; what one may not is left out', async () => {
    await room.as(inRole('analyst', { clearance: 'TLP:AMBER', territories: ['NC'] }), async () => {
      const { text } = await page(path)
      expect(text).toContain('value="TLP:GREEN"')
      expect(text).not.toMatch(/value="TLP:AMBER"|value="MQ"|value="overseas"|value="ALL"/)
      for (const more of [{ clearance: 'TLP:AMBER' }, { territories: 'MQ' }]) {
        const sent = await post(path, { ...asked, address: 'other@example.org', ...more, do: 'do' })
        expect([sent.status, sent.text]).toEqual([422, expect.stringContaining('Nothing was written')])
      }
    })
    await room.as(inRole('approver', { clearance: 'TLP:AMBER' }), async () => {
      const { text } = await page(path)
      expect(text).toContain('value="TLP:AMBER"')
      expect(text).not.toContain('value="TLP:RED"')
      const form = { ...asked, address: 'amber@example.org', clearance: 'TLP:AMBER', do: 'do' }
      expect((await post(path, form)).status).toBe(303)
    })
    expect(await stored('other@example.org')).toBeUndefined()
  })
})

describe('changing', () => {
  const path = `${pathOf('prefet@example.org')}/change`
  const wanted = settings({ clearance: 'TLP:AMBER', cadences: 'quarter' })

  test('shows from and to, and what would be mailed then; of two at once one wins, and the other is told', async () => {
    const revision = stampIn((await page(path)).text)
    const seen = await post(path, { ...wanted, revision, do: 'look' })
    expect(seen.status).toBe(200)
    expect(seen.text).toMatch(/How often.*week.*month.*quarter/s)
    expect(seen.text).toMatch(/Mailed each week.*New Caledonia.*nothing/s)
    expect((await stored('prefet@example.org'))?.cadences).toEqual(['week', 'month'])
    const answers = await Promise.all([
      post(path, { ...wanted, revision, do: 'do' }),
      post(path, { ...wanted, revision, cadences: 'year', do: 'do' }),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409])
    const late = await post(path, { ...wanted, revision, cadences: 'range', do: 'do' })
    expect(late.status).toBe(409)
    expect(late.text).toMatch(/Current values.*What you wrote.*chosen days/s)
    expect((await stored('prefet@example.org'))?.cadences).toHaveLength(1)
  })

  test('over a later change carries on only what its writer changed, and says it in words', async () => {
    const address = 'late@example.org'
    await room.opened.services.recipients.replace(recipient(address, { language: 'en', cadences: ['month'] }))
    const change = `${pathOf(address)}/change`
    const drawn = hiddenIn((await page(change)).text)
    const stands = settings({ clearance: 'TLP:AMBER', language: 'en', name: '', organisation: '' })
    const one = (await stored(address)) as Recipient
    const asStored = { ...stands, clearance: one.clearance, territories: one.territories[0] ?? '', cadences: 'month' }
    const ana = { ...asStored, ...drawn, language: 'fr', do: 'do' }
    expect((await post(change, ana)).status).toBe(303)
    const late = await post(change, { ...asStored, ...drawn, quiet: 'skip', cadences: 'month', do: 'look' })
    expect(late.status).toBe(409)
    const [theirs = '', yours = ''] = late.text.split('What you wrote')
    expect(theirs.slice(theirs.indexOf('Current values'))).toMatch(/Language: Français/)
    expect(yours.slice(0, yours.indexOf('</ul>'))).toMatch(/: quiet periods skipped<.*asked by letter/s)
    expect(yours.slice(0, yours.indexOf('</ul>'))).not.toMatch(/Language|address|skip<|send/i)
    expect(late.text).toMatch(/<option value="fr" selected/)
    expect(late.text).toMatch(/<option value="skip" selected/)
    // What it was drawn from is not known: nothing that was sent is carried over what stands.
    const forged = await post(change, { ...asStored, revision: 'x', drawn: '{}', quiet: 'skip', do: 'look' })
    expect([forged.status, forged.text]).toEqual([409, expect.stringMatching(/<option value="send" selected/)])
    const paused = await post(`${pathOf(address)}/pause`, { ...drawn, by: 'Bo', reason: 'moved', do: 'do' })
    expect([paused.status, paused.text]).toEqual([
      409,
      expect.stringMatching(/What you wrote<\/h3>\s*<ul class="lined"><li><bdi>Reason: moved/),
    ])
  })

  test('a clearance tells of the edition, which is another one then', async () => {
    const revision = stampIn((await page(path)).text)
    const seen = await post(path, { ...settings(), revision, do: 'look' })
    expect(seen.text).toMatch(/Mailed each week.*nothing.*TLP:GREEN edition/s)
  })

  test('an analyst leaves a clearance above what he may give as it is, and lets nobody read more under it', async () => {
    const revision = stampIn((await page(path)).text)
    await room.as(inRole('analyst', { clearance: 'TLP:AMBER' }), async () => {
      const form = { ...wanted, revision, cadences: 'week' }
      expect((await post(path, { ...form, do: 'look' })).status).toBe(200)
      const more = await post(path, { ...form, territories: 'overseas', do: 'do' })
      expect([more.status, more.text]).toEqual([422, expect.stringContaining('ask an approver')])
    })
    expect((await stored('prefet@example.org'))?.territories).toEqual(['NC'])
  })
})

test('a recipient is taken off the list and back, each with its effect first, and the history tells of all of it', async () => {
  const pause = `${pathOf('new@example.org')}/pause`
  const { text } = await page(pause)
  expect(text).toMatch(/Mailed each week.*New Caledonia.*nothing/s)
  const nameless = await post(pause, { revision: stampIn(text), do: 'do' })
  expect([nameless.status, nameless.text]).toEqual([422, expect.stringContaining('Write why')])
  expect((await post(pause, { revision: stampIn(text), do: 'do', by: 'Claire', reason: 'moved away' })).status).toBe(
    303,
  )
  expect(await stored('new@example.org')).toMatchObject({ state: 'unsubscribed' } satisfies Partial<Recipient>)
  const resume = `${pathOf('new@example.org')}/resume`
  const back = stampIn((await page(resume)).text)
  expect((await post(resume, { revision: back, do: 'do', by: 'Paul', reason: 'came back' })).status).toBe(303)
  expect(await stored('new@example.org')).toMatchObject({ state: 'active' })

  const history = (await page('/room/history')).text
  expect(rowOf(history, 'moved away')).toMatch(/Claire.*taken off the list.*new@example.org/s)
  expect(rowOf(history, 'came back')).toContain('taken back on the list')
  expect(history).toContain('How often')
  await room.as(inRole('analyst', { territories: ['COR'] }), async () =>
    expect((await page('/room/history')).text).not.toMatch(/moved away|new@example/),
  )
})

test('changing one setting shows, writes and tells that one alone', async () => {
  const address = 'plain@example.org'
  const plain = recipient(address, { territories: ['NC', 'PF'], clearance: 'TLP:GREEN' })
  await room.opened.services.recipients.replace(plain)
  const path = `${pathOf(address)}/change`
  const form = {
    ...settings({ language: plain.language === 'fr' ? 'en' : 'fr', form: plain.form, quiet: plain.quiet }),
    revision: stampIn((await page(path)).text),
  }
  const lists = new URLSearchParams({ ...form, token: formToken, do: 'look' })
  lists.set('territories', 'PF')
  lists.append('territories', 'NC')
  lists.delete('cadences')
  for (const cadence of plain.cadences) lists.append('cadences', cadence)
  const send = async (does: string) => {
    lists.set('do', does)
    return room.app.request(`http://127.0.0.1${path}`, {
      method: 'POST',
      body: lists.toString(),
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'accept-language': 'en' },
    })
  }
  const seen = await (await send('look')).text()
  const effect = seen.slice(seen.indexOf('id="effect"'), seen.indexOf('id="form-title"'))
  expect([...effect.matchAll(/<th scope="row"[^>]*>([^<]+)</g)].map(([, label]) => label)).toEqual(['Language'])
  expect((await send('do')).status).toBe(303)
  expect(await stored(address)).toEqual({ ...plain, language: form.language })
  const deeds = (await room.opened.services.history.list(100)).filter(({ id }) => id === plain.id)
  expect(deeds).toMatchObject([{ did: 'changed', what: ['language'] }])
})
