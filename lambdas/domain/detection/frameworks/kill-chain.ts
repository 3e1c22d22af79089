/** Reads Meta's Online Operations Kill Chain despite varying spelling and numbers. */
import { folded } from '../../core/text/spelling.ts'

export const killChain = 'Meta Online Operations Kill Chain'

/** In order, from 0. The French names are our translation. */
export const killChainPhases = [
  { en: 'Acquiring assets', fr: 'Acquisition de moyens' },
  { en: 'Disguising assets', fr: 'Dissimulation des moyens' },
  { en: 'Gathering information', fr: 'Recueil d’informations' },
  { en: 'Coordinating and planning', fr: 'Coordination et planification' },
  { en: 'Testing defenses', fr: 'Mise à l’épreuve des défenses' },
  { en: 'Evading detection', fr: 'Évitement de la détection' },
  { en: 'Indiscriminate engagement', fr: 'Engagement sans cible' },
  { en: 'Targeted engagement', fr: 'Engagement ciblé' },
  { en: 'Compromising assets', fr: 'Compromission de moyens' },
  { en: 'Enabling longevity', fr: 'Maintien dans la durée' },
] as const

/** A numbered cell: `0.9 Acquiring social media accounts`. */
type Numbered = { readonly id: string; readonly name: string }

export const numberedOf = (cell: string): Numbered | undefined => {
  const [, id, name = ''] = /^\s*(\d{1,3}(?:\.\d{1,3}){0,4})\.?(?:\s+(.*))?$/s.exec(cell) ?? []
  return id === undefined ? undefined : { id, name: name.replace(/\s+/g, ' ').trim() }
}

/** Finds a phase by name, else by a technique id. Phase numbers are unreliable: one file repeats one. */
export const phaseOf = (tactic: string, ids: readonly string[]): number | undefined => {
  const name = folded(tactic.replace(/^[\s\d.]+/, ''))
  const named = killChainPhases.findIndex(({ en }) => folded(en) === name)
  if (named >= 0) return named
  const [first] = ids.filter((id) => id.includes('.')).map((id) => Number(id.slice(0, id.indexOf('.'))))
  return first !== undefined && first < killChainPhases.length ? first : undefined
}
