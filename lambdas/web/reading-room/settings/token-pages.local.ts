/** Tokens of programs, on a machine only: on a stage, programs have an issuer. */
import type { Hono } from 'hono'
import { mayDo } from '../../../domain/access/caller.ts'
import { type ProgramToken, type TokenInput, tokenState } from '../../../domain/access/program-token.ts'
import { programRights } from '../../../domain/access/roles.ts'
import { eachOf, FaultError } from '../../../domain/core/fault.ts'
import { fitsUnder, markings } from '../../../domain/core/marking.ts'
import { territoryOf } from '../../../domain/core/place/territory.ts'
import type { Log } from '../../../usecases/log.ts'
import type { ProgramTokens } from '../../../usecases/program-tokens.local.ts'
import { actionForm, actorIn, byField, lineIn, readSubmittedForm, see } from '../frame/action-form.ts'
import { faultWords } from '../frame/fault-text.ts'
import { senderWords } from '../frame/names.ts'
import { chipOf, choices, field, timeIn, type Visit } from '../frame/pages.ts'
import type { Answer, Showing } from '../frame/showing.ts'

type Typed = TokenInput & { readonly wrong: Readonly<Record<string, string>> }

const nothingTyped: Typed = { name: '', scopes: [], territories: [], clearance: 'TLP:GREEN', wrong: {} }

const path = '/room/tokens'

export const tokenPages =
  (programTokens: ProgramTokens, clock: () => Date, log: Log) =>
  (app: Hono, showing: Showing): void => {
    const page = async (
      visit: Visit,
      typed = nothingTyped,
      made?: { name: string; token: string },
    ): Promise<Answer> => ({
      template: 'tokens',
      frame: { title: visit.words.say('room.nav.tokens'), at: 'tokens' },
      value: {
        made: made ? { title: visit.words.say('room.token.made', { name: made.name }), secret: made.token } : null,
        rows: (await programTokens.all()).map((one) => rowOf(visit, one, clock())),
        formToken: visit.formToken,
        actionForm: addForm(visit, typed),
      },
      status: Object.keys(typed.wrong).length > 0 ? 422 : 200,
    })
    app.get(
      path,
      showing('house:write', async (_c, visit) => page(visit)),
    )
    app.post(
      path,
      showing('house:write', async (c, visit) => {
        const form = await readSubmittedForm(c, visit)
        const by = actorIn(visit, form) || visit.names?.read() || visit.caller.who
        const [name, clearance, expires] = [lineIn(form, 'name'), lineIn(form, 'clearance'), lineIn(form, 'expires')]
        const typed = { name, clearance, expires, scopes: form.all('scopes'), territories: form.all('territories') }
        try {
          const isRevoked = form.get('do') === 'revoke'
          const made = isRevoked ? undefined : await programTokens.add(typed, by, visit.caller, clock())
          if (isRevoked) await programTokens.revoke(name, by, clock())
          log(`token: ${isRevoked ? 'revoked' : 'added'}`, { who: visit.caller.who, by, name })
          return made ? await page(visit, nothingTyped, made) : see(visit, path)
        } catch (error) {
          if (!(error instanceof FaultError)) throw error
          const wrong = eachOf(error.fault).map(({ path: own = error.fault.path ?? 'name', ...reason }) => [
            own.split(/[.[]/)[0],
            faultWords(visit.words, reason).text,
          ])
          return page(visit, { ...typed, wrong: Object.fromEntries(wrong) })
        }
      }),
    )
  }

const rowOf = ({ words, clock }: Visit, one: ProgramToken, now: Date) => {
  const at = (instant: string | undefined) => (instant === undefined ? '–' : timeIn(Date.parse(instant), clock, words))
  const state = tokenState(one, now)
  return {
    name: one.name,
    made: `${senderWords(one.madeBy, words)} · ${at(one.madeAt)}`,
    scopes: one.scopes.join(' '),
    territories: words.list(one.territories.map((code) => territoryOf(code).name[words.language])),
    chip: chipOf(one.clearance),
    used: at(one.usedAt),
    state: words.say('room.token.state', { state, until: at(one.until) }),
    isActive: state === 'active',
  }
}

const addForm = (visit: Visit, { wrong: faults, ...typed }: Typed) => {
  const { words, caller, href } = visit
  const wrong = (name: string) => faults[name] ?? ''
  const ticks = (name: 'scopes' | 'territories', legend: string, items: readonly (readonly [string, string])[]) => ({
    ...{ name, legend, wrong: wrong(name) },
    items: items.map(([value, label]) => ({ value, label, note: '', checked: typed[name].includes(value) })),
  })
  const clearances = markings.filter((one) => fitsUnder(one, caller.clearance))
  const rights = programRights.filter((one) => mayDo(caller, one)).map((one) => [one, one] as const)
  const places = caller.territories.map((code) => [code, territoryOf(code).name[words.language]] as const)
  const line = (name: 'name' | 'expires', label: string, type: 'text' | 'date') =>
    field(name, label, { type, value: String(typed[name] ?? ''), wrong: wrong(name) })
  return actionForm(visit, {
    action: href(path),
    first: [line('name', words.say('room.setting.name'), 'text')],
    choices: [
      ticks('scopes', words.say('room.token.rights'), rights),
      ticks('territories', words.say('room.week.territories'), places),
    ],
    fields: [
      field('clearance', words.say('room.setting.clearance'), {
        choices: choices(clearances, (one) => one, String(typed.clearance)),
        wrong: wrong('clearance'),
      }),
      line('expires', words.say('room.token.expires'), 'date'),
      ...byField(visit, ''),
    ],
    buttons: [{ label: words.say('room.token.add'), does: 'add' }],
  })
}
