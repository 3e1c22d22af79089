/** The list of recipients in the room: who gets a report and why not, and changes as far as each role may make them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
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
/** The hidden fields of the last form of a page. */
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

describe('the recipients of a report of a week', () => {
  test('are chosen by the rule that sends, with the first reason against each of the others', async () => {
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

  test('depend on the version that the caller may know: a recalled one goes to none', async () => {
    await room.opened.services.recipients.replace(recipient('papeete@example.org', { territories: ['PF'] }))
    const rowFor = async (week: string) => {
      const { text } = await page(`/room/recipients?territory=PF&week=${week}`)
      return rowOf(text, 'papeete@example.org')
    }
    expect(await rowFor('2024-W20')).toContain('the newest version was recalled')
    expect(await rowFor('2024-W18')).toMatch(/yes.*as one would be/s)
    await room.as(inRole('analyst', { clearance: 'TLP:GREEN' }), async () => {
      const { text } = await page('/room/recipients?territory=PF&week=2024-W20')
      expect(rowOf(text, 'papeete@example.org')).toMatch(/yes.*as one would be/s)
      expect(text).not.toMatch(/recalled|marked-amber/)
    })
  })

  test('skip a quiet week where the recipient wants that', async () => {
    await room.opened.services.recipients.replace(recipient('skips@example.org', { quiet: 'skip' }))
    const { text } = await page('/room/recipients?territory=NC&week=2024-W19')
    expect(rowOf(text, 'skips@example.org')).toContain('a quiet week, and these are skipped')
    await room.opened.services.recipients.replace(recipient('skips@example.org', { state: 'unsubscribed' }))
  })

  test.each(['territory=XX', 'week=never', 'territory=__proto__&week=2024-05'])(
    'cannot be read of %s',
    async (query) => {
      const { status, text } = await page(`/room/recipients?${query}`)
      expect([status, text]).toEqual([422, expect.stringContaining('Unknown value')])
    },
  )
})

describe('one recipient', () => {
  test('is shown with all reports of a week and what was mailed', async () => {
    const { status, text } = await page(`${pathOf('prefet@example.org')}?week=2024-W20`)
    expect(status).toBe(200)
    expect(text).toMatch(/1\S* of \S*14\S* reports would be mailed/)
    expect(rowOf(text, '>New Caledonia<')).toMatch(/yes.*Version.1\S*: .*sent/s)
    expect(rowOf(text, 'Martinique')).toContain('another territory')
  })

  test('is hidden from callers of other territories and from other roles', async () => {
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

  test('shows what would be mailed, then adds the recipient once', async () => {
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
    [{ reason: '' }, /Write why/],
    [{ clearance: 'TLP:BLACK' }, /Cleared up to: .{1,6}TLP:BLACK/],
    [{ territories: 'Atlantis' }, /Atlantis/],
    [{ form: hostile }, /Form, up to TLP:GREEN: must be one of/],
  ])('is refused with %j, and explains why', async (more, why) => {
    const { status, text } = await post(path, { ...asked, address: 'other@example.org', ...more, do: 'do' })
    expect([status, text]).toEqual([422, expect.stringMatching(why)])
    expect(text).not.toContain('<script>')
    expect(await stored('other@example.org')).toBeUndefined()
  })

  test('offers and gives an analyst up to GREEN in the own territories, an approver up to the own clearance', async () => {
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

  test('shows both values and what would be mailed; of two at once one wins, and the other gets both values', async () => {
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

  test('after a later change keeps only what its author changed, and puts it in words', async () => {
    const address = 'late@example.org'
    await room.opened.services.recipients.replace(recipient(address, { language: 'en', cadences: ['month'] }))
    const change = `${pathOf(address)}/change`
    const drawn = hiddenIn((await page(change)).text)
    const names = { name: '', organisation: '' }
    const asStored = settings({ clearance: 'TLP:AMBER', language: 'en', cadences: 'month', ...names })
    const ana = { ...asStored, ...drawn, language: 'fr', do: 'do' }
    expect((await post(change, ana)).status).toBe(303)
    const late = await post(change, { ...asStored, ...drawn, quiet: 'skip', do: 'look' })
    expect(late.status).toBe(409)
    const [theirs = '', yours = ''] = late.text.split('What you wrote')
    const lines = yours.slice(0, yours.indexOf('</ul>'))
    expect(theirs.slice(theirs.indexOf('Current values'))).toMatch(/Language: Français/)
    expect(lines).toMatch(/: quiet periods skipped<.*asked by letter/s)
    expect(lines).not.toMatch(/Language|address|skip<|send/i)
    expect(late.text).toMatch(/<option value="fr" selected/)
    expect(late.text).toMatch(/<option value="skip" selected/)
    // Where the drawn values are unknown, no sent value replaces a stored one.
    const forged = await post(change, { ...asStored, revision: 'x', drawn: '{}', quiet: 'skip', do: 'look' })
    expect([forged.status, forged.text]).toEqual([409, expect.stringMatching(/<option value="send" selected/)])
    const paused = await post(`${pathOf(address)}/pause`, { ...drawn, by: 'Bo', reason: 'moved', do: 'do' })
    expect([paused.status, paused.text]).toEqual([
      409,
      expect.stringMatching(/What you wrote<\/h3>\s*<ul class="lined"><li><bdi>Reason: moved/),
    ])
  })

  test('by an analyst keeps a clearance above what analysts give, and adds nothing under it', async () => {
    const form = { ...wanted, revision: stampIn((await page(path)).text), cadences: 'week' }
    await room.as(inRole('analyst', { clearance: 'TLP:AMBER' }), async () => {
      expect((await page(path)).text).toMatch(/<option value="TLP:AMBER" selected/)
      expect((await post(path, { ...form, do: 'look' })).status).toBe(200)
      const more = await post(path, { ...form, territories: 'overseas', do: 'do' })
      expect([more.status, more.text]).toEqual([422, expect.stringContaining('ask an approver')])
    })
    expect((await stored('prefet@example.org'))?.territories).toEqual(['NC'])
  })

  test('of one setting shows, writes and records that one alone', async () => {
    const address = 'plain@example.org'
    const plain = recipient(address, { territories: ['NC', 'PF'], clearance: 'TLP:GREEN' })
    await room.opened.services.recipients.replace(plain)
    const own = `${pathOf(address)}/change?lang=en`
    const {
      territories: _,
      cadences: __,
      ...single
    } = settings({ language: 'en', revision: stampIn((await page(own)).text) })
    const send = async (does: string) =>
      room.postAll(own, [
        ...Object.entries({ ...single, token: formToken, do: does }),
        ...['PF', 'NC'].map((code) => ['territories', code] as const),
        ...plain.cadences.map((cadence) => ['cadences', cadence] as const),
      ])
    const seen = await (await send('look')).text()
    const effect = seen.slice(seen.indexOf('id="effect"'), seen.indexOf('id="form-title"'))
    const labels = [...effect.matchAll(/<th scope="row"[^>]*>([^<]+)</g)].map(([, label]) => label)
    expect(labels).toEqual(['Language'])
    expect((await send('do')).status).toBe(303)
    expect(await stored(address)).toEqual({ ...plain, language: 'en' })
    const actions = (await room.opened.services.history.list(100)).filter(({ id }) => id === plain.id)
    expect(actions).toMatchObject([{ did: 'changed', what: ['language'] }])
  })
})

test('a recipient is paused and resumed, each with its effect first, and the history has both', async () => {
  const pause = `${pathOf('new@example.org')}/pause`
  const { text } = await page(pause)
  expect(text).toMatch(/Mailed each week.*New Caledonia.*nothing/s)
  const nameless = await post(pause, { revision: stampIn(text), do: 'do' })
  expect([nameless.status, nameless.text]).toEqual([422, expect.stringContaining('Write why')])
  const paused = await post(pause, { revision: stampIn(text), do: 'do', by: 'Claire', reason: 'moved away' })
  expect(paused.status).toBe(303)
  expect(await stored('new@example.org')).toMatchObject({ state: 'unsubscribed' })
  for (const path of [pathOf('new@example.org'), '/room/recipients']) {
    expect((await page(path, 'fr')).text).toMatch(
      /retiré de la liste le \d+\smai\s2024, \d\d\sh\s\d\d \(heure de Paris\)/,
    )
  }
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
