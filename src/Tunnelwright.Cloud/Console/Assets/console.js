// Live updates: whatever a page marks with data-live is fetched anew when the change feed speaks, and now and then for the counters.
// Everything works without this script; the page then shows what was true when it was made.
(() => {
  'use strict';
  const counters = 10000;
  const gap = 300;
  const kinds = [
    'connection.requested', 'connection.available', 'connection.changed', 'connection.deleting', 'connection.deleted',
    'keys.rotating', 'keys.rotated', 'endpoint.replacing', 'endpoint.moved', 'endpoint.replaced', 'tunnel.up', 'tunnel.down',
  ];
  const live = () => document.querySelectorAll('[data-live]');
  let waiting = 0;
  let running = false;
  let again = false;

  const replace = (page) => {
    for (const old of live()) {
      const fresh = page.getElementById(old.id);
      if (!fresh || fresh.innerHTML === old.innerHTML || old.contains(document.activeElement)) continue;
      old.replaceWith(document.adoptNode(fresh));
    }
  };

  const refresh = async () => {
    if (running) { again = true; return; }
    running = true;
    try {
      const answer = await fetch(location.pathname + location.search, { credentials: 'same-origin', redirect: 'manual' });
      if (answer.ok) replace(new DOMParser().parseFromString(await answer.text(), 'text/html'));
      else if (answer.type === 'opaqueredirect') location.reload();
    } catch {
      // The line is down: what stands here stays, and the feed comes back by itself.
    } finally {
      running = false;
      if (again) { again = false; soon(); }
    }
  };

  const soon = () => {
    clearTimeout(waiting);
    waiting = setTimeout(refresh, gap);
  };

  // A form that was answered with its problems is a page of its own: asking for its path again would be another page.
  if (live().length === 0 || document.getElementById('problems')) return;
  const feed = document.body.dataset.feed;
  if (feed) {
    const source = new EventSource(feed);
    const news = document.getElementById('news');
    for (const kind of kinds) {
      source.addEventListener(kind, (message) => {
        news.textContent = JSON.parse(message.data).text;
        soon();
      });
    }
    addEventListener('pagehide', () => source.close());
  }
  setInterval(() => { if (document.visibilityState === 'visible') soon(); }, counters);
})();
