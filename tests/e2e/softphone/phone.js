// The softphone page: JsSIP as users have it, with what happened to it kept for the test to ask about.
import JsSIP from 'jssip';

const state = { connected: 0, disconnected: 0, seenFrom: null, ended: null, holds: 0 };
let agent = null;
let session = null;

function follow(newSession) {
  session = newSession;
  session.on('hold', () => { state.holds += 1; });
  session.on('ended', (event) => { state.ended = event.cause; });
  session.on('failed', (event) => { state.ended = `failed: ${event.cause}`; });
}

function once(emitter, good, bad) {
  return new Promise((resolve, reject) => {
    emitter.once(good, resolve);
    emitter.once(bad, (event) => reject(new Error(`${bad}: ${event.cause || 'no cause'}`)));
  });
}

window.phone = {
  state: () => ({ ...state, inCall: Boolean(session && session.isEstablished()) }),

  async register(url, uri) {
    agent = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(url)], uri, password: 'unused', register: true,
    });
    agent.on('connected', () => { state.connected += 1; });
    agent.on('disconnected', () => { state.disconnected += 1; });
    agent.on('newRTCSession', ({ originator, session: incoming }) => {
      if (originator !== 'remote') return;
      follow(incoming);
      incoming.answer({ mediaConstraints: { audio: true, video: false } });
    });
    const registered = once(agent, 'registered', 'registrationFailed');
    agent.start();
    const { response } = await registered;
    state.seenFrom = response.getHeader('X-Seen-From');
    return state.seenFrom;
  },

  async call(uri) {
    follow(agent.call(uri, { mediaConstraints: { audio: true, video: false } }));
    await once(session, 'confirmed', 'failed');
  },

  // Packets of sound that arrived so far, and what ICE and DTLS think of the path.
  async media() {
    const connection = session.connection;
    let packets = 0;
    (await connection.getStats()).forEach((report) => {
      if (report.type === 'inbound-rtp') packets += report.packetsReceived;
    });
    return { packets, ice: connection.iceConnectionState, connection: connection.connectionState };
  },

  // A re-INVITE there and back: signalling in the dialog still works.
  hold() {
    return new Promise((resolve, reject) => {
      if (!session.hold({}, () => resolve(true))) reject(new Error('hold refused'));
    });
  },

  hangUp() { session.terminate(); },
};
