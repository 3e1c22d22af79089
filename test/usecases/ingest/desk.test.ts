/** The reading room's forms for placing, correcting, withdrawing and closing rejects, and their history. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Caller } from '../../../lambdas/domain/access/caller.ts'
import { readDetection } from '../../../lambdas/domain/detection/detection.ts'
import { lineOf } from '../../../lambdas/store/table/history.ts'
import { cellsChanged, cellsOf } from '../../../lambdas/web/reading-room/detections/edit.ts'
import { roomWordingOf } from '../../../lambdas/web/shared/wording.ts'
import { detection as detectionOf, detectionsAsOf, input } from '../../support/detections.ts'
import { formToken, hostile, openRoom, type Room } from '../../support/room.ts'
import { ingestInto } from '../../support/services.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom()
  room.opened.at('2024-05-22T00:00:00.000Z')
  await ingestInto(room.opened, [
    input({ id: 'nowhere', territories: ['Martinqiue'], title: { en: hostile } }),
    input({ id: 'nowhere-2', territories: [], marking: 'TLP:CLEAR' }),
    input({ id: 'secret-nowhere', territories: [], marking: 'TLP:RED', title: { en: 'zqsecret' } }),
    input({ id: 'mend/1', counts: { posts: 31 }, marking: 'TLP:GREEN' }),
    input({ id: 'gone', marking: 'TLP:GREEN' }),
    { ...input({ id: 'broken' }), observed: { from: 'never' } } as never,
  ])
})
afterAll(() => room.close())

const amber: Partial<Caller> = { who: 'sub-1 claire@example.org', clearance: 'TLP:AMBER', roles: ['analyst'] }
const caledonian: Partial<Caller> = { ...amber, territories: ['NC'] }

const page: Room['page'] = (...asked) => room.page(...asked)
const post: Room['send'] = (...sent) => room.send(...sent)
const revisionIn = (text: string) => /name="revision" value="(\d+)"/.exec(text)?.[1] ?? ''
/** What the last form of a page would send unchanged. */
const valuesIn = (text: string): Record<string, string> => {
  const form = text.slice(text.lastIndexOf('<form class="deed"'))
  const lines = [...form.matchAll(/<input(?: id="[^"]+")? (?:type="hidden" )?name="([^"]+)"[^>]* value="([^"]*)"/g)]
  const areas = [...form.matchAll(/<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</g)]
  const chosen = [...form.matchAll(/<select[^>]* name="([^"]+)".*?<option value="([^"]*)" selected/gs)]
  return Object.fromEntries([...lines, ...areas, ...chosen].map(([, name = '', value = '']) => [name, value]))
}
const unescaped = (values: Record<string, string>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      value
        .replaceAll('&quot;', '"')
        .replaceAll('&#x27;', "'")
        .replaceAll('&#x3D;', '=')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&'),
    ]),
  )
const stored = async (id: string) => (await room.opened.services.detections.stored([id])).get(id)
const history = async () => room.opened.services.history.list(100)

describe('the inbox', () => {
  test('shows what happens without an action, the oldest first and by kind', async () => {
    const { status, text } = await page('/room/inbox')
    expect(status).toBe(200)
    expect(text).toContain('<b>If nobody acts:</b> it counts in no report.')
    expect(text).toContain('did you mean Martinique (MQ)?')
    expect(text).toMatch(/it counts nowhere, and is deleted .*22.May.2025/)
    expect(text).not.toContain('<script>')
    const one = (await page('/room/inbox?kind=reject')).text
    expect(one).toMatch(/<a href="[^"]*kind&#x3D;reject" aria-current="true">Record that could not be read/)
    expect(one).not.toContain('it counts in no report.')
    expect((await page('/room/inbox?kind=none')).text).toContain('it counts in no report.')
  })

  test('shows nothing above a clearance or of other territories, and no reject of unknown marking', async () => {
    await room.as(amber, async () => {
      const { text } = await page('/room/inbox')
      expect(text).toContain('nowhere-2')
      expect(text).not.toMatch(/zqsecret|secret-nowhere|broken|TLP:RED/)
      expect((await page('/room/detections/secret-nowhere/place')).status).toBe(404)
    })
    await room.as(caledonian, async () => expect((await page('/room/inbox')).text).not.toContain('nowhere-2'))
    await room.as({ scopes: ['reports:read', 'detections:read'] }, async () => {
      for (const path of ['/room/history', '/room/detections/mend%2F1/correct'])
        expect((await page(path)).status).toBe(403)
      const { status, text } = await page('/room/inbox')
      expect([status, text.includes('Nothing to do.')]).toEqual([200, true])
      expect(text).not.toMatch(/nowhere|broken/)
      expect((await page('/room/detections/mend%2F1')).text).not.toContain('/correct')
    })
  })
})

describe('placing', () => {
  const path = '/room/detections/nowhere/place'

  test('suggests what may be meant, unticked; a form without a place or a name is refused', async () => {
    const { text } = await page(path)
    expect(text).toMatch(/value="MQ"> Martinique <small>perhaps meant/)
    expect(text).not.toContain(' checked')
    const wrong = await post(path, { do: 'look', revision: revisionIn(text) })
    expect(wrong.status).toBe(422)
    expect(wrong.text).toContain('2 fields are to be corrected')
    expect(wrong.text).toContain('aria-describedby="territories-wrong"')
    expect((await stored('nowhere'))?.territories).toEqual([])
  })

  test('previews its effect; of two at once one is stored, and the other shown the conflict', async () => {
    const revision = revisionIn((await page(path)).text)
    const seen = await post(path, { do: 'look', revision, territories: 'MQ', by: 'Claire' })
    expect(seen.status).toBe(200)
    expect(seen.text).toContain('Counts in')
    expect(seen.text).toMatch(/no report.*Martinique, /s)
    expect((await stored('nowhere'))?.territories).toEqual([])
    const answers = await Promise.all([
      post(path, { do: 'do', revision, territories: 'MQ', by: 'Claire' }),
      post(path, { do: 'do', revision, territories: 'GP', by: 'Paul' }),
    ])
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409])
    expect((await stored('nowhere'))?.territories).toHaveLength(1)
    expect((await history()).filter(({ id }) => id === 'nowhere')).toHaveLength(1)
    const [winner, loser] =
      (await stored('nowhere'))?.territories[0]?.code === 'MQ' ? ['Claire', 'Guadeloupe'] : ['Paul', 'Martinique']
    const lost = answers.find(({ status }) => status === 409)?.text ?? ''
    expect(lost).toMatch(
      new RegExp(`Current values.*an analyst states it \\(${winner}\\).*What you wrote.*${loser}`, 's'),
    )
    expect(lost).not.toContain('<button name="do"')
    const where = loser === 'Guadeloupe' ? 'Martinique' : 'Guadeloupe'
    expect(lost).toMatch(new RegExp(`It has been placed since. ${where}: an analyst states it \\(${winner}\\)`))
    expect(lost).toContain('href="/room/detections/nowhere/correct">Correct its territories</a>')
    expect(lost).not.toMatch(/It has no territory|enter yours again/)
    const forged = await post(path, { do: 'do', revision: '2', territories: 'GP', by: 'Paul' })
    expect([forged.status, forged.text]).toEqual([409, expect.stringContaining('It has a place already')])
    expect((await page(path)).text).toContain('It has a place already')
  })
})

test('a form for a detection withdrawn meanwhile shows that, and not its own advice', async () => {
  await ingestInto(room.opened, [input({ id: 'left', territories: [] })])
  const forms = await Promise.all(
    (['place', 'correct'] as const).map(async (name) => {
      const path = `/room/detections/left/${name}`
      return { path, revision: revisionIn((await page(path)).text) }
    }),
  )
  await room.opened.services.detections.withdraw(
    'left',
    { by: 'a test', reason: 'a duplicate' },
    room.opened.services.clock(),
  )
  for (const { path, revision } of forms) {
    const late = await post(path, { do: 'do', revision: `${revision}9`, by: 'Zoé', reason: 'x', territories: 'MQ' })
    expect(late.status).toBe(409)
    expect(late.text).toContain('Nothing can be changed in it any more: it was withdrawn.')
    expect(late.text).not.toMatch(/It has no territory|takes precedence over what its detector|enter yours again/)
  }
})

describe('correcting', () => {
  const path = '/room/detections/mend%2F1/correct'
  const asClaire = { do: 'look', by: 'Claire', reason: 'counted again' }

  test('previews the change, then stores a revision with name and reason', async () => {
    const { text } = await page(path)
    const revision = revisionIn(text)
    const seen = await post(path, { ...asClaire, revision, 'counts.posts': '≥ 45' })
    expect(seen.text).toMatch(/31<\/bdi>.*at least 45/s)
    expect((await stored('mend/1'))?.revision).toBe(1)
    const done = await post(path, { ...asClaire, do: 'do', revision, 'counts.posts': '≥ 45' })
    expect([done.status, done.to]).toEqual([303, '/room/detections/mend%2F1#revisions'])
    expect(await room.opened.services.detections.corrections('mend/1')).toMatchObject([
      { field: 'counts.posts', by: 'Claire', reason: 'counted again' },
    ])
  })

  test('shows the fault of each value at its field, in the reader’s language', async () => {
    const revision = revisionIn((await page(path)).text)
    const besideIn = (text: string) =>
      Object.fromEntries(
        [...text.matchAll(/<small class="wrong" id="([^"]+)-wrong">([^<]*)/g)].map(([, name, why]) => [name, why]),
      )
    const one = await post(path, { ...asClaire, do: 'do', revision, 'counts.posts': 'abc' })
    expect(one.status).toBe(422)
    expect(besideIn(one.text)).toEqual({ 'counts.posts': expect.stringMatching(/^is .*abc.*: give a whole number/) })
    expect(one.text).toMatch(/<input id="counts\.posts"[^>]* value="abc"[^>]* aria-invalid="true"/)
    expect(one.text).toContain('<a href="#counts.posts">')
    const wrong = { 'counts.posts': 'abc', 'counts.accounts': '-3', 'observed.from': 'never', plates: '' }
    const several = await post(`${path}?lang=fr`, { ...asClaire, revision, ...wrong })
    expect(besideIn(several.text)).toEqual({
      'counts.posts': expect.stringMatching(/^vaut .*abc.*donnez un nombre entier/),
      'counts.accounts': expect.stringMatching(/^vaut .*-3.*donnez un nombre entier/),
      'observed.from': expect.stringContaining('n’est pas une date'),
    })
    expect(several.text).not.toMatch(/counts\.accounts\s?:|observed\.from\s?:/)
    // A form has fields, and no columns or mapping; all its faults are shown at once.
    const all = {
      'observed.from': '32/13/2024',
      territories: 'Martinqiue, Nowhere',
      'counts.accounts': '1.23E+15',
      by: '',
      reason: '',
    }
    for (const language of ['en', 'fr']) {
      const shown = besideIn(
        (await post(`${path}?lang=${language}`, { ...asClaire, revision, ...all, 'counts.posts': 'abc', plates: 'x' }))
          .text,
      )
      expect(Object.keys(shown).sort().join(' ')).toBe(
        'by counts.accounts counts.posts observed.from plates reason territories',
      )
      expect(Object.values(shown).join(' ')).not.toMatch(
        /column|mapping|export|colonne|correspondance|spreadsheet; format/,
      )
      expect(shown.territories).toMatch(/Martinqiue.*Nowhere/s)
    }
    expect((await stored('mend/1'))?.revision).toBe(Number(revision))
  })

  test('over a later revision stores only the fields that its writer changed', async () => {
    const counts = { posts: 121, accounts: 34 }
    const observed = { from: '2024-05-13T00:00:00Z', to: '2024-05-14T00:00:00Z' }
    await ingestInto(room.opened, [input({ id: 'mend/3', counts, observed })])
    const address = '/room/detections/mend%2F3/correct'
    const drawn = valuesIn((await page(address)).text)
    const ana = { 'counts.posts': '122', 'observed.to': '2024-05-16T00:00:00Z', observedEffect: 'none' }
    expect((await post(address, { ...drawn, ...asClaire, ...ana, do: 'do' })).status).toBe(303)
    const late = await post(address, {
      ...drawn,
      ...asClaire,
      'counts.accounts': '36',
      'observed.from': '2024-05-12T00:00:00Z',
    })
    expect(late.status).toBe(409)
    const [theirs = '', yours = ''] = late.text.split('What you wrote')
    expect(theirs).toMatch(/2024-05-16.*122.*observed effect: not observed/s)
    const lines = yours.slice(0, yours.indexOf('</ul>'))
    expect(lines).toMatch(/2024-05-12.*36.*counted again/s)
    expect(lines).not.toMatch(/121|2024-05-14|2024-05-16/)
    const again = { ...valuesIn(late.text), ...asClaire, reason: 'and these', do: 'do' }
    expect((await post(address, again)).status).toBe(303)
    const now = await room.opened.services.detections.latest('mend/3')
    expect([now?.counts.posts?.value, now?.counts.accounts?.value]).toEqual([122, 36])
    expect(now?.observed).toMatchObject({ from: '2024-05-12T00:00:00.000Z', to: '2024-05-16T00:00:00.000Z' })
    const mine = (await history()).filter(({ reason }) => reason === 'and these')
    expect(mine.map(({ what }) => [...(what ?? [])].toSorted())).toEqual([['counts.accounts', 'observed']])
    // Of an unknown revision: nothing is carried over the current values.
    const forged = await post(address, { ...drawn, ...asClaire, revision: '77', 'counts.accounts': '40' })
    expect([forged.status, valuesIn(forged.text)['counts.accounts']]).toEqual([409, '36'])
    expect(forged.text).toMatch(/What you wrote.*40/s)
  })

  test('shows a lower clearance nothing of a change above it, and is not blocked by it', async () => {
    const quote = { text: 'zqcanary', language: 'fr', marking: 'TLP:RED' as const }
    const record = input({ id: 'mend/2', counts: { posts: 31 }, marking: 'TLP:GREEN' })
    await ingestInto(room.opened, [record])
    const address = '/room/detections/mend%2F2/correct'
    const withdraw = '/room/detections/mend%2F2/withdraw'
    const pages = () =>
      room.as(amber, async () => [
        (await page(address)).text,
        (await page(withdraw)).text,
        (await page('/room/inbox')).text,
      ])
    const before = await pages()
    await ingestInto(room.opened, [{ ...record, quotes: [quote] }])
    expect((await stored('mend/2'))?.revision).toBe(2)
    expect(await pages()).toEqual(before)
    const form = { ...asClaire, do: 'do', revision: revisionIn(before[0] ?? ''), 'counts.posts': '45' }
    await room.as(amber, async () => {
      expect((await post(address, form)).status).toBe(303)
      // A conflict shows the number that the reader's page would show.
      const late = await post(address, { ...form, 'counts.posts': '46' })
      expect([late.status, late.text]).toEqual([
        409,
        expect.stringContaining('Claire changed it first: revision 2 is now current'),
      ])
      expect(late.text).toMatch(/Current values.*45.*What you wrote.*46/s)
    })
    const now = await room.opened.services.detections.latest('mend/2')
    expect([now?.counts.posts?.value, now?.quotes?.[0]?.text]).toEqual([45, 'zqcanary'])
    expect((await stored('mend/2'))?.revision).toBe(3)
  })

  test.each([
    [{ 'counts.posts': '≥ 45' }, /Change something first/],
    [{ 'counts.posts': '' }, /The field was not changed: to empty it, write “-”/],
    [{ 'counts.posts': '46', reason: '' }, /Write why/],
    [{ 'counts.posts': '46', by: ' ' }, /Write your name/],
  ])('%j is refused with a reason', async (more, why) => {
    const { status, text } = await post(path, { ...asClaire, revision: '2', ...more })
    expect([status, text]).toEqual([422, expect.stringMatching(why)])
    expect((await stored('mend/1'))?.revision).toBe(2)
  })

  test('shows how each field is emptied, and that a field sent empty was not changed', async () => {
    const observed = { from: '2024-05-15T10:00:00Z', to: '2024-05-15T12:00:00Z' }
    const observedEffect = { state: 'observed', degree: 'act' } as const
    await ingestInto(room.opened, [
      input({ id: 'mend/empty', campaign: 'Alpha', counts: { posts: 31 }, observed, observedEffect }),
    ])
    const form = '/room/detections/mend%2Fempty/correct'
    const { text } = await page(form)
    const about = (name: string, of: string) => new RegExp(`id="${name}-note">([^<]*)<`).exec(of)?.[1] ?? ''
    expect(about('campaign', text)).toContain('“-” empties it.')
    expect(about('counts.posts', text)).toContain('“-” empties it.')
    expect([about('counts.accounts', text), about('observed.from', text)].join()).not.toContain('empties')
    expect(text).toMatch(/<option value="-">– \(remove/)
    expect(text).not.toMatch(/name="observedEffect"[^>]*><option value=""/)
    const as = { ...unescaped(valuesIn(text)), by: 'Claire', reason: 'an error', do: 'look' }
    for (const name of ['campaign', 'counts.posts', 'observed.from', 'observed.to']) {
      const alone = await post(form, { ...as, [name]: '' })
      expect([name, alone.status]).toEqual([name, 422])
      expect(alone.text).toMatch(new RegExp(`id="${name}-wrong">The field was not changed`))
      expect(alone.text).toContain('Change something first: no field differs from the current value.')
      expect(alone.text).not.toContain('id="reason-wrong"')
      const beside = await post(`${form}?lang=fr`, { ...as, 'counts.views': '40', [name]: '' })
      expect([name, beside.status]).toEqual([name, 200])
      expect(about(name, beside.text)).toContain('Ce champ est resté tel quel')
    }
    const seen = await post(form, { ...as, campaign: '-', 'counts.posts': '-', observedEffect: '-' })
    expect(seen.text).toMatch(/Alpha.*–.*31.*–/s)
    const done = await post(form, { ...as, campaign: '-', 'counts.posts': '-', observedEffect: '-', do: 'do' })
    expect(done.status).toBe(303)
    const now = await room.opened.services.detections.latest('mend/empty')
    expect([now?.campaign, now?.counts.posts, now?.observedEffect]).toEqual([undefined, undefined, undefined])
  })

  test('takes what is established, and the basis of a breakout', async () => {
    await ingestInto(room.opened, [input({ id: 'mend/claim', breakout: { category: 4, evidence: 'Papers' } })])
    const form = '/room/detections/mend%2Fclaim/correct?lang=fr'
    const cells = { 'claim.fr': 'Des centaines', 'established.fr': 'Deux', 'established.source': 'AFP' }
    const { text } = await page(form)
    expect(text).toContain('>reprise par d’autres</option>')
    const as = { ...unescaped(valuesIn(text)), ...cells, by: 'Claire', reason: 'relu', 'breakout.basis': 'amplified' }
    const seen = await post(form, { ...as, 'breakout.confirmed': 'Claire', do: 'look' })
    expect(seen.text).toMatch(
      />propagation<.*reprise par d’autres · Papers · confirmé par Claire.*>allégation<.*Des centaines.*Deux · selon AFP/s,
    )
    expect((await post(form, { ...as, 'breakout.confirmed': 'Claire', do: 'do' })).status).toBe(303)
    expect(await room.opened.services.detections.latest('mend/claim')).toMatchObject({
      claim: { text: { fr: 'Des centaines' } },
      established: { text: { fr: 'Deux' }, source: 'AFP' },
      breakout: { category: 4, evidence: { und: 'Papers' }, basis: 'amplified', confirmed: { by: 'Claire' } },
    })
  })

  test('refuses values above a clearance or outside the caller’s territories', async () => {
    await room.as(caledonian, async () => {
      for (const more of [{ marking: 'TLP:RED' }, { territories: 'PF' }]) {
        const { status, text } = await post(path, { ...asClaire, do: 'do', revision: '2', ...more })
        expect([status, text]).toEqual([422, expect.stringContaining('above your clearance')])
      }
    })
    await room.as({ ...amber, territories: ['PF'] }, async () => expect((await page(path)).status).toBe(404))
    expect((await stored('mend/1'))?.revision).toBe(2)
  })

  test('changes nothing by an unchanged form, for any detection', () => {
    fc.assert(
      fc.property(detectionsAsOf, (found) => {
        for (const { detection } of found) {
          for (const words of [undefined, roomWordingOf('fr'), roomWordingOf('en')])
            expect(cellsChanged(detection, cellsOf(detection, words))).toEqual({})
        }
      }),
    )
    const stated = detectionOf({
      claim: 'Bare',
      established: { text: { fr: 'Deux' }, source: 'AFP' },
      observedEffect: { state: 'observed', confirmed: { by: 'Claire' } },
      breakout: { category: 4, basis: 'amplified', confirmed: { by: 'Claire' } },
    })
    expect(cellsChanged(stated, cellsOf(stated))).toEqual({})
    const read = readDetection(input({ counts: { posts: { value: 5, qualifier: 'at least' } } }))
    expect('detection' in read && cellsOf(read.detection)['counts.posts']).toBe('≥ 5')
  })
})

describe('the form that corrects a time', () => {
  test.each([
    ['fr', 'Heure de Nouméa'],
    ['en', 'Nouméa time'],
  ])('in %s shows it by the local clock, and reads it again', async (language, zone) => {
    const id = `clock-${language}`
    await ingestInto(room.opened, [
      input({
        id,
        observed: { from: '2024-05-15T13:00:00.000Z' },
        counts: { posts: { value: 12345678, qualifier: 'at least' } },
      }),
    ])
    const path = `/room/detections/${id}/correct`
    const text = (await room.page(path, language)).text.replaceAll('&#x2B;', '+').replaceAll('&#43;', '+')
    expect(text).toContain('value="2024-05-16T00:00:00+11:00"')
    expect(text).not.toContain('T13:00')
    expect(text).toContain(zone)
    expect(text).not.toContain('≥ 12345678')
    const posts = language === 'fr' ? 'au moins 12\u202f345\u202f678' : 'at least 12,345,678'
    expect(text).toContain(`value="${posts}"`)
    const revision = revisionIn(text)
    const sent = await post(path, {
      ...{ do: 'do', revision, by: 'Claire', reason: 'later' },
      ...{ 'observed.from': '2024-05-16T00:00:00+11:00', 'observed.to': '2024-05-16T01:30:00+11:00' },
      'counts.posts': posts,
    })
    expect(sent.status).toBe(303)
    const latest = await room.opened.services.detections.latest(id)
    expect(latest?.observed).toMatchObject({ from: '2024-05-15T13:00:00.000Z', to: '2024-05-15T14:30:00.000Z' })
    expect(latest?.counts.posts).toEqual({ value: 12345678, qualifier: 'at least' })
    expect((await room.opened.services.detections.corrections(id)).map(({ field }) => field)).toEqual(['observed'])
  })
})

describe('withdrawing', () => {
  const path = '/room/detections/gone/withdraw'

  test('previews its effect, requires name and reason, and keeps both', async () => {
    const { text } = await page(path)
    expect(text).toMatch(/Counts in.*New Caledonia, .*no report/s)
    const revision = revisionIn(text)
    expect((await post(path, { do: 'do', revision, by: 'Claire' })).status).toBe(422)
    expect((await post(path, { do: 'do', revision: '7', by: 'Claire', reason: 'x' })).status).toBe(409)
    expect((await stored('gone'))?.status).toBe('active')
    expect((await post(path, { do: 'do', revision, by: 'Claire', reason: hostile })).status).toBe(303)
    expect((await stored('gone'))?.status).toBe('withdrawn')
    expect((await page(path)).status).toBe(404)
    const late = await post(path, { do: 'do', revision, by: 'Paul', reason: 'a test of mine' })
    expect(late.status).toBe(409)
    expect(late.text).toMatch(/Current values.*withdrawn.*Reason.*What you wrote.*a test of mine/s)
    expect(late.text).not.toContain('<script>')
    await room.as(caledonian, async () => {
      const { text } = await post(path, { do: 'do', revision, by: 'Paul', reason: 'a test of mine' })
      expect(text).not.toContain('alert(1)')
    })
  })
})

test('the last change is undone by restoring the revision before, also a place', async () => {
  const [id, path] = ['undo/1', '/room/detections/undo%2F1']
  await ingestInto(room.opened, [input({ id, counts: { posts: 31 } }), input({ id: 'undo-2', territories: [] })])
  const before = await room.opened.services.detections.latest(id)
  const revision = (await stored(id))?.revision ?? 0
  const form = { by: 'Ana', reason: 'wrong file' }
  const cells = { ...unescaped(valuesIn((await page(`${path}/correct`)).text)), 'counts.posts': '99', campaign: 'Zq' }
  expect((await post(`${path}/correct`, { ...cells, ...form, do: 'do' })).status).toBe(303)
  const undo = `${path}/restore?to=${revision}`
  expect((await page(path)).text).toContain(`href="${undo.replace('=', '&#x3D;')}">Undo the last change</a>`)
  const { text } = await page(undo)
  expect(text).toMatch(/<h1>Restore revision 1<.*?posts.*?99.*?31/s)
  const drawn = { revision: revisionIn(text), do: 'do' }
  expect((await post(undo, { ...drawn, by: 'Ana' })).status).toBe(422)
  expect((await post(undo, { ...drawn, ...form })).status).toBe(303)
  expect(await room.opened.services.detections.latest(id)).toEqual({ ...before, revision: expect.any(Number) })
  const acts = (await history()).filter((one) => one.id === id)
  expect(acts.map(({ did, by }) => `${did} by ${by}`)).toEqual(['corrected by Ana', 'corrected by Ana'])
  expect((await post(undo, { ...drawn, ...form })).status).toBe(409)

  const place = '/room/detections/undo-2/place'
  await post(place, { ...form, territories: 'NC', revision: revisionIn((await page(place)).text), do: 'do' })
  const unplace = '/room/detections/undo-2/restore?to=1'
  await post(unplace, { ...form, revision: revisionIn((await page(unplace)).text), do: 'do' })
  expect((await stored('undo-2'))?.territories).toEqual([])
})

test('a reject is closed with name and reason, once', async () => {
  const [reject] = await Array.fromAsync(room.opened.services.rejects.open())
  const path = `/room/inbox/rejects/${reject?.rejectId}`
  expect((await page(path)).text).toContain('never')
  expect((await post(path, { by: 'Claire' })).status).toBe(422)
  await room.as(amber, async () => expect((await post(path, { by: 'Claire', reason: 'a test' })).status).toBe(404))
  expect((await post(path, { by: 'Claire', reason: 'a test' })).status).toBe(303)
  const after = await page(path)
  expect([after.status, after.text]).toEqual([409, expect.stringMatching(/Claire acted first.*href="\/room\/inbox"/s)])
  expect(await Array.fromAsync(room.opened.services.rejects.open())).toEqual([])
})

test('forms do nothing without this session’s token', async () => {
  for (const path of ['/room/detections/mend%2F1/withdraw', '/room/inbox/rejects/x', '/room/batches/x']) {
    expect((await room.post(path, { token: 'another', do: 'do', revision: '2' })).status).toBe(403)
    const elsewhere = { 'sec-fetch-site': 'cross-site' }
    expect((await room.post(path, { token: formToken, revision: '2' }, elsewhere)).status).toBe(403)
  }
})

describe('typed text', () => {
  const path = '/room/detections/mend%2F1/correct'
  const form = { do: 'do', by: 'Claire', reason: `counted ${hostile}`, 'counts.posts': '77', revision: '2' }

  test('is returned whole with its faults, however long it is', async () => {
    const long = `${'very '.repeat(2_000)}long`
    const { status, text } = await post(path, { ...form, reason: long, 'title.en': `T ${'x'.repeat(4_100)}` })
    expect(status).toBe(422)
    expect(text).toMatch(/At most 300 characters; there are 10,004\./)
    expect(text).toMatch(/At most 4,000 characters; there are 4,102\./)
    expect(text).toContain(`value="${long}"`)
    expect(text).toContain('value="77"')
    expect((await stored('mend/1'))?.revision).toBe(2)
    const far = await post(path, { ...form, reason: 'x'.repeat(300_000) })
    expect([far.status, far.text.includes('x'.repeat(300_000))]).toEqual([422, true])
    expect(far.text).toMatch(/At most 300 characters; there are 300,000\./)
    // Beyond 1 MB nothing is read; the browser still has the text.
    for (const [language, says] of [
      ['en', /This form is too long.*1 MB.*Go back in your browser, where your text is still there/s],
      ['fr', /Ce formulaire est trop long.*1\u00a0Mo.*Revenez en arrière dans votre navigateur/s],
    ] as const) {
      const beyond = await post(`${path}?lang=${language}`, { ...form, reason: 'x'.repeat(1_100_000) })
      expect([beyond.status, beyond.text]).toEqual([413, expect.stringMatching(says)])
    }
  })

  test('has its limit next to the field', async () => {
    expect((await page(path)).text).toMatch(/id="reason-note">[^<]*At most 300 characters\./)
    const notes = (await page('/room/notes?lang=fr')).text
    expect(notes).toMatch(/id="text-note">[^<]*20\u202f000 caractères au plus/)
    expect(notes).toMatch(/id="unknown-note">[^<]*20 points au plus, de 500 caractères chacun/)
  })

  test('is returned from an expired form, to be sent again', async () => {
    const { status, text } = await post(path, { ...form, token: 'of-an-earlier-session' })
    expect(status).toBe(403)
    expect(text).toMatch(/What you typed.*Your name<\/dt><dd><bdi>Claire.*77/s)
    expect(text).not.toContain('<script>')
    expect(text).not.toContain('of-an-earlier-session')
    expect((await stored('mend/1'))?.revision).toBe(2)
    const hidden = [...text.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(
      ([, name = '', value = '']) => [
        name,
        value.replaceAll('&quot;', '"').replaceAll('&gt;', '>').replaceAll('&lt;', '<'),
      ],
    )
    expect(text).toContain(`action="${path}"`)
    expect((await post(path, { ...Object.fromEntries(hidden), do: 'look' })).text).toMatch(/≥ 45|at least 45.*77/s)
  })

  test('is listed by the labels of the form, in the reader’s language', async () => {
    const typedIn = (text: string) =>
      [...text.matchAll(/<dt>([^<]*)<\/dt><dd><bdi>([^<]*)/g)].map(([, label = '', value = '']) => [label, value])
    const typed = { do: 'look', by: 'Claire', reason: 'recomptés', 'counts.posts': '77', observedEffect: 'media' }
    const expected = [
      ['Nombre de messages', '77'],
      ['Effet constaté', 'observé\u00a0: écho hors ligne ou médiatique'],
      ['Votre nom', 'Claire'],
      ['Motif', 'recomptés'],
    ]
    const drawn = unescaped(valuesIn((await page(`${path}?lang=fr`)).text))
    const stale = await post(`${path}?lang=fr`, { ...drawn, ...typed, token: 'of-an-earlier-session' })
    expect(typedIn(stale.text)).toEqual(expected)
    const out = await room.as(undefined, () => post(`${path}?lang=fr`, { ...drawn, ...typed }))
    expect([out.status, typedIn(out.text)]).toEqual([401, expected])
    // Both forms of the preview page keep it.
    const seen = await post(`${path}?lang=fr`, { ...drawn, ...typed })
    expect(seen.status).toBe(200)
    const forms = seen.text.split('<form class="deed"').slice(1)
    expect(forms).toHaveLength(2)
    for (const form of forms) {
      const sent = { ...unescaped(valuesIn(`<form class="deed"${form}`)), token: 'of-an-earlier-session' }
      const again = typedIn((await post(`${path}?lang=fr`, sent)).text)
      expect(again.toSorted()).toEqual(
        expect.arrayContaining([
          ['Nombre de messages', '77'],
          ['Motif', 'recomptés'],
        ]),
      )
      expect(again).toHaveLength(4)
    }
    expect(typedIn((await post(`${path}?lang=fr`, { ...drawn, token: 'x' })).text)).toEqual([])
  })

  test('of a placing is listed by the names of its territories', async () => {
    await ingestInto(room.opened, [input({ id: 'nowhere-6', territories: [] })])
    const place = '/room/detections/nowhere-6/place?lang=fr'
    const labels = unescaped(valuesIn((await page(place)).text)).labels ?? ''
    const form: [string, string][] = [
      ['token', 'x'],
      ['labels', labels],
      ['territories', 'MQ'],
      ['territories', 'RE'],
    ]
    const text = await (await room.postAll(place, form)).text()
    expect(text).toMatch(/<dt>Territoires visés<\/dt><dd><bdi>Martinique et La Réunion</)
    // A forged list is ignored.
    const sent = async (labels: string) =>
      (
        await room.postAll(place, [
          ['token', 'x'],
          ['labels', labels],
          ['reason', 'why'],
        ])
      ).text()
    for (const odd of ['{', '[]', '{"fields":{"reason":[1]}}']) {
      expect(await sent(odd)).toContain('<dt>Motif</dt><dd><bdi>why<')
    }
    const forged = JSON.stringify({ fields: { reason: ['<script>x', '', false] }, words: {} })
    expect(await sent(forged)).toContain('<dt>&lt;script&gt;x</dt>')
  })

  test('is shown after the session ended, and not from another site', async () => {
    const out = await room.as(undefined, () => post(path, form))
    expect([out.status, out.text]).toEqual([401, expect.stringMatching(/counts\.posts.*77/s)])
    const elsewhere = await room.post(path, { ...form, token: formToken }, { 'sec-fetch-site': 'cross-site' })
    // A token on the page may have these digits.
    expect([elsewhere.status, /counts\.posts.*77/s.test(await elsewhere.text())]).toEqual([403, false])
  })
})

describe('the history', () => {
  test('lists actions with their reasons, the newest first, and hostile text as text', async () => {
    const { status, text } = await page('/room/history')
    expect(status).toBe(200)
    const rows = [...text.matchAll(/data-label="Did"><span>([^<]*)/g)].map(([, did]) => did)
    expect(rows).toEqual(expect.arrayContaining(['dropped', 'withdrawn', 'corrected', 'placed']))
    expect(rows).toContain('added')
    expect(text).toContain('counted again')
    expect(text).not.toContain('<script>')
  })

  test('shows nothing above a clearance, and no intake of others', async () => {
    await room.opened.table.put(
      lineOf({
        ...{ at: '2024-05-22T00:00:00.000Z', did: 'corrected', by: 'zqperson', id: 'secret-nowhere' },
        ...{ of: 'detection', reason: 'zqreason' },
      }),
    )
    expect((await page('/room/history')).text).toContain('zqreason')
    await room.as(caledonian, async () => {
      const { text } = await page('/room/history')
      expect(text).toContain('counted again')
      expect(text).not.toMatch(/zqperson|zqreason|secret-nowhere|added|dropped/)
    })
  })
})

describe('the dates of a correction', () => {
  beforeAll(async () => {
    await ingestInto(room.opened, [
      input({ id: 'days', territories: ['MQ'], observed: { from: '2024-05-13', to: '2024-05-15' } }),
      input({
        id: 'times',
        territories: ['MQ'],
        observed: { from: '2024-05-13T02:00:00Z', to: '2024-05-13T04:00:00Z' },
      }),
    ])
  })

  /** What the preview of a correction shows: the faults, else the page. */
  const shown = async (id: string, from: string, to: string, language = 'fr'): Promise<string> => {
    const path = `/room/detections/${id}/correct?lang=${language}`
    const revision = revisionIn((await page(path)).text)
    const form = { revision, 'observed.from': from, 'observed.to': to, by: 'Ana', reason: 'x', do: 'look' }
    const { text } = await post(path, { ...form, token: formToken })
    const wrong = [...text.matchAll(/<b class="wrong"[^>]*>(.*?)<\/b>|<small class="wrong"[^>]*>(.*?)<\/small>/gs)]
    const faults = wrong.length > 0 ? wrong.map((one) => one[1] ?? one[2]).join(' | ') : text
    // A place is a run of its own, so that no line breaks in it.
    return faults.replaceAll(/<\/?span[^>]*>/g, '').replaceAll(/<[^>]+>/g, ' ')
  }

  test.each([
    ['days', 'mai 2024', '2024-05-15', 'mai 2024 et 2024-05-15 n’ont pas la même précision'],
    ['days', '2024-05-16', '', 'l’une des bornes étant celle qui est enregistrée : donnez les deux'],
    ['days', '2024-05-14', '', '14 – 15 mai 2024'],
    ['days', '2024-W20', '', 'écrivez 2024-05-13 pour le premier et 2024-05-19 pour le dernier'],
    [
      'times',
      '13 mai 2024, 21 h 00 – 23 h 00, heure de Fort-de-France',
      '',
      'écrivez 2024-05-13T21:00:00-04:00 pour le premier et 2024-05-13T23:00:00-04:00 pour le dernier',
    ],
    ['times', '12 mai 2024, 16 h 06 (heure de Paris)', '', '12 mai 2024, 10 h 06 – 13 mai 2024, 00 h 00'],
    ['days', '2024-05-13 25h', '', 'n’est pas une heure qui existe à Fort-de-France'],
  ])('of %s, from %j to %j: %s', async (id, from, to, words) => {
    expect((await shown(id, from, to)).replaceAll(/\s+/g, ' ')).toContain(words)
  })
})
