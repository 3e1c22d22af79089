/** Patterns for folded texts: no accents or capitals, and a space for each apostrophe and full stop. */
import type { EffectDegree } from '../../domain/detection/detection.ts'
import { notGiven as notGivenAnywhere, notGivenShort } from '../table/not-given.ts'

const anyOf = (...parts: readonly RegExp[]): string => `(?:${parts.map(({ source }) => source).join('|')})`

const whole = (...parts: readonly RegExp[]): RegExp => new RegExp(`^${anyOf(...parts)}${sinceWhen.source}$`)

const sinceWhen =
  /(?: a ce jour| a ce stade| a cette heure| pour l instant| so far| to date| yet| at this stage| at this hour)?/

export const none = whole(
  /non|no|none|nul|nulle|aucune?s?|neant|rien|nothing|false|faux/,
  /ras|r a s|rien a signaler|nothing to report/,
  /(?:effets? |impacts? |effect )?(?:nuls?)/,
  /(?:none|aucun|rien|nothing) (?:observe|constate|observed|seen|noticed|reported)/,
  /(?:non|pas) (?:observe|constate)e?s?|not observed/,
  /(?:aucune?s?|sans|sans aucune?|pas d|absence d|absence of|pas de|no|none|without|without any) (?:observed |visible )?(?:effets?|effects?|impacts?|consequences?|actes?(?: ou decisions?)?|acts?(?: or decisions?)?)(?: (?:n a ete |was )?(?:observe|constate|releve|signale)e?s?| visibles?| notables?| (?:was )?(?:observed|seen|noticed|reported))?/,
)

export const notAssessed = whole(
  /(?:(?:l )?(?:effets?|effects?|impacts?)(?: observe| observed)? )?(?:(?:non|pas|not|n est pas|n a pas ete|is not|was not|has not been)(?: encore| yet| been)? (?:(?:evalue|mesure|estime|examine|analyse)e?s?|assessed|evaluated|measured|examined)|unassessed|a evaluer|to be assessed|en cours d evaluation|being assessed)/,
)

const ofEffect = /(?:l )?(?:effets?|effects?|impacts?)(?: observe| observed)? /

export const notGiven = whole(
  new RegExp([anyOf(ofEffect), '?', anyOf(notGivenAnywhere, notGivenShort)].join('')),
  /unknown (?:effect|impact)/,
)

const seen =
  /(?:(?:l |un |an )?(?:effets?|effects?|impacts?) (?:a ete |was )?)?(?:(?:observe|constate|signale)e?s?|observed|reported)/

/** Common words, and those Vigie prints. */
export const observed: readonly (readonly [RegExp, EffectDegree | undefined])[] = [
  [
    whole(
      /(?:une? |an? )?(?:actes?|acts?|decisions?|acte ou (?:une )?decision|act or (?:a )?decision)(?: a suivi| followed)?/,
    ),
    'act',
  ],
  [
    whole(
      /medias?|hors ligne|offline/,
      /(?:un |an )?echo (?:hors ligne ou (?:mediatique|dans les medias)|offline or in the media)/,
    ),
    'media',
  ],
  [whole(/en ligne(?: seulement| uniquement)?|online(?: only)?/), 'online'],
  [whole(seen, /oui|yes|true|vrai/), undefined],
]

/** Denials and doubts that never begin an observation. */
export const doubt = new RegExp(
  [
    '^',
    `(?:${anyOf(/l[ae]?s?|une?|d[eu]?s?|the|an?/)} )?`,
    `(?:${anyOf(/effets?|effects?|impacts?|reprises?|echos?|medias?|actes?|acts?/)} )?`,
    anyOf(
      /aucune?s?|aucunement|sans|pas|non|nuls?|nulles?|neant|rien|jamais|ni|ne|n(?= [aeiouy])|0|absence|absente?s?/,
      /no|not|none|zero|nothing|never|nobody|neither|nor|without|cannot/,
      /(?:isn|wasn|aren|weren|didn|don|doesn|hasn|haven|hadn|can) t/,
      /r a s|ras|s o|n c|inconnue?s?|vide|unknown|undefined|undetermined|empty/,
      /guere|a peine|negligeables?|imperceptibles?|negati(?:ve|fs?|ves)|echecs?|echoue(?:e?s?)/,
      /hardly|barely|scarcely|negligible|failed|failure/,
      /probables?|probablement|possibles?|possiblement|improbables?|potentiel(?:le)?s?|eventuel(?:le)?s?/,
      /supposee?s?|presumee?s?|incertaine?s?|peut etre/,
      /probably|possibly|likely|unlikely|potential(?:ly)?|supposed(?:ly)?|presumed|alleged(?:ly)?|suspected/,
      /uncertain|unclear|maybe|perhaps|might|could/,
      /en cours|en attente|a (?:evaluer|confirmer|verifier|determiner)/,
      /pending|tbc|tbd|unassessed|to be (?:assessed|confirmed|verified|determined)/,
    ),
    '(?= |$)',
  ].join(''),
)
