import type { Section } from './section.ts';
import { inMessage, members, membersNull } from './ways.ts';

// Why somebody was told of a message, or was not. Decisions are kept about everybody, outsiders too.

const inDecision = (cells: string) => `notificationDecision { ${cells} }`;
const inDevice = (cells: string) => inDecision(`devices { ${cells} }`);
const simulation = (cells: string, channelId: string) =>
  `{ simulateNotification(input: { channelId: "${channelId}" }) { ${cells} } }`;

export const rightsOfDecisions: readonly Section[] = [
  {
    type: 'NotificationDecision',
    document: (cells, place) => inMessage(inDecision(cells), place),
    fields: { 'id message devices': members },
  },
  {
    type: 'DeviceDecision',
    document: (cells, place) => inMessage(inDevice(cells), place),
    fields: { 'id deviceId device outcome decidedBy trace answer decidedAt': members },
  },
  {
    type: 'NotificationStep',
    met: 'in what was decided',
    document: (cells, place) => inMessage(inDevice(`trace { ${cells} }`), place),
    fields: { 'rule result because explanation': members },
  },
  {
    type: 'PushAnswer',
    met: 'in what was decided',
    document: (cells, place) => inMessage(inDevice(`answer { ${cells} }`), place),
    fields: { 'outcome status reason at': members },
  },
  {
    type: 'NotificationSimulation',
    document: (cells, { scene }) => simulation(cells, scene.channelId),
    fields: { 'at devices': members },
  },
  {
    type: 'SimulatedDevice',
    document: (cells, { scene }) => simulation(`devices { ${cells} }`, scene.channelId),
    // Nobody is active: there is nothing to wait for.
    fields: { 'device outcome decidedBy trace': members, askAgainAt: membersNull },
  },
  {
    type: 'NotificationStep',
    met: 'in a simulation',
    document: (cells, { scene }) => simulation(`devices { trace { ${cells} } }`, scene.channelId),
    fields: { 'rule result because explanation': members },
  },
];
