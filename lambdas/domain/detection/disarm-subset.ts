/** What Vigie knows of DISARM by itself: ids and names, as facts, of its phases, its tactics and what the samples cite. */
import type { Taxonomy } from './disarm.ts'

/** Serves until the official bundle is imported (`vigie taxonomy import`). French names: VIGINUM’s translation of v1.3. */
export const disarmSubset: Taxonomy = {
  framework: 'DISARM',
  version: '1.6',
  complete: false,
  phases: [
    { id: 'P01', names: { en: 'Plan', fr: 'Planifier' } },
    { id: 'P02', names: { en: 'Prepare', fr: 'Préparer' } },
    { id: 'P03', names: { en: 'Execute', fr: 'Exécuter' } },
    { id: 'P04', names: { en: 'Assess', fr: 'Évaluer' } },
  ],
  tactics: [
    { id: 'TA01', rank: 1, phase: 'P01', names: { en: 'Plan Strategy', fr: 'Planifier la stratégie' } },
    { id: 'TA02', rank: 2, phase: 'P01', names: { en: 'Plan Objectives', fr: 'Planifier les objectifs' } },
    { id: 'TA13', rank: 3, phase: 'P01', names: { en: 'Target Audience Analysis', fr: 'Analyser les publics cibles' } },
    { id: 'TA14', rank: 4, phase: 'P02', names: { en: 'Develop Narratives', fr: 'Élaborer les récits' } },
    { id: 'TA06', rank: 5, phase: 'P02', names: { en: 'Develop Content', fr: 'Fabriquer le contenu' } },
    {
      id: 'TA15',
      rank: 6,
      phase: 'P02',
      names: { en: 'Establish Assets', fr: 'Mettre en place des ressources informationnelles' },
    },
    { id: 'TA16', rank: 7, phase: 'P02', names: { en: 'Establish Legitimacy', fr: 'Établir la confiance' } },
    { id: 'TA05', rank: 8, phase: 'P02', names: { en: 'Microtarget', fr: 'Microcibler' } },
    {
      id: 'TA07',
      rank: 9,
      phase: 'P02',
      names: { en: 'Select Channels and Affordances', fr: 'Sélectionner les canaux et les fonctionnalités' },
    },
    { id: 'TA08', rank: 10, phase: 'P03', names: { en: 'Conduct Pump Priming', fr: 'Amorcer la campagne' } },
    { id: 'TA09', rank: 11, phase: 'P03', names: { en: 'Deliver Content', fr: 'Diffuser les contenus' } },
    { id: 'TA17', rank: 12, phase: 'P03', names: { en: 'Maximise Exposure', fr: 'Maximiser l’exposition' } },
    { id: 'TA18', rank: 13, phase: 'P03', names: { en: 'Drive Online Harms', fr: 'Causer du tort en ligne' } },
    {
      id: 'TA10',
      rank: 14,
      phase: 'P03',
      names: { en: 'Drive Offline Activity', fr: 'Mener des activités hors-ligne' },
    },
    {
      id: 'TA11',
      rank: 15,
      phase: 'P03',
      names: {
        en: 'Persist in the Information Environment',
        fr: 'Persister dans l’environnement informationnel',
      },
    },
    {
      id: 'TA12',
      rank: 16,
      phase: 'P04',
      names: { en: 'Assess Effectiveness', fr: 'Mesurer l’efficacité de la campagne' },
    },
  ],
  techniques: [
    { id: 'T0015.001', tactic: 'TA06', names: { en: 'Use Existing Hashtag' } },
    { id: 'T0015.002', tactic: 'TA06', names: { en: 'Create New Hashtag' } },
    { id: 'T0049.002', tactic: 'TA17', names: { en: 'Flood Existing Hashtag' } },
    { id: 'T0084.001', tactic: 'TA06', names: { en: 'Use Copypasta', fr: 'Avoir recours au copypasta' } },
  ],
  removed: [
    { id: 'T0019.002', name: 'Hijack Hashtags', successors: ['T0049.002'], gone: [] },
    { id: 'T0099.001', name: 'Astroturfing', successors: [], gone: ['T0142'] },
    { id: 'T0104.005', name: 'Use Hashtags', successors: ['T0015.001'], gone: [] },
    { id: 'T0104.006', name: 'Create Dedicated Hashtag', successors: ['T0015.002'], gone: [] },
  ],
}
