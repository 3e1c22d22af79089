/** A mail that leaves from a page of the reading room: the server is killed under it, and the command line does the rest. */
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { startVigie, vigie } from '../support/cli.ts'
import { clockEnv } from '../support/clock.ts'
import { laterMs } from './killed.ts'
import { type Cost, costOf, endedWith, type Row } from './row.ts'
import { flash, looked } from './subjects.ts'

const moments = 6

const served = async (child: ChildProcess): Promise<string> => {
  let printed = ''
  return new Promise((done, fail) => {
    child.stderr?.on('data', (chunk) => {
      printed += chunk
      const [entrance] = /http:\/\/127\.0\.0\.1:\d+\/enter\/[0-9a-f]{64}/.exec(printed) ?? []
      if (entrance !== undefined && printed.includes('Ctrl-C')) done(entrance)
    })
    child.once('close', () => fail(new Error(printed)))
  })
}

/** @returns what posts the form of the page that approves a note */
const approvalOn = async (entrance: string, note: string, period: string): Promise<() => Promise<number>> => {
  const entered = await fetch(entrance, { redirect: 'manual' })
  const headers = { cookie: entered.headers.getSetCookie()[0]?.split(';')[0] ?? '', 'sec-fetch-site': 'same-origin' }
  const page = new URL(`/room/${note}/${period}/amber/1/decide`, entrance)
  const shown = await fetch(page, { headers })
  const form = (await shown.text()).replaceAll('&#x3D;', '=')
  const token = /name="token" value="([^"]+)"/.exec(form)?.[1]
  if (token === undefined) throw new Error(`${page} shows no form: ${shown.status}`)
  const body = new URLSearchParams({ token, do: 'approve', revision: 'waits', by: 'C. Morel' })
  return async () => (await fetch(page, { method: 'POST', headers, body, redirect: 'manual' })).status
}

const killedUnderPage: Row['inject'] = async (grounds) => {
  const costs: Cost[] = []
  let whole = 0
  let cut = 0
  for (let moment = 0; moment <= moments; moment += 1) {
    const home = join(grounds.folder(), 'home')
    await mkdir(home, { recursive: true })
    const { args, subject, period } = await flash.prepare(home)
    const child = startVigie(['serve', '--port', '0', '--home', home])
    const closed = once(child, 'close')
    const approve = await approvalOn(await served(child), subject, period)
    const began = performance.now()
    const answered = approve().catch(() => 'cut' as const)
    if (moment > 0) await pause((whole * moment) / (moments + 1))
    else if ((await answered) !== 303) throw new Error('undisturbed, the page does not approve')
    else whole = performance.now() - began
    child.kill('SIGKILL')
    await closed
    if ((await answered) === 'cut') cut += 1
    const again = await vigie([...args, '--home', home], { env: clockEnv(laterMs) })
    const found = await looked(home, flash, subject, period)
    costs.push(endedWith(`approving again after moment ${moment}`, again), found.cost)
  }
  return {
    ...costOf(costs),
    injected: cut,
    done: `a flash note approved on its page, at ${moments} moments over ${Math.round(whole)} ms; approved again by a command`,
  }
}

export const roomRows: readonly Row[] = [
  {
    ...{ group: 'room', name: 'SIGKILL while a page mails', where: 'a served home and its outbox' },
    inject: killedUnderPage,
  },
]
