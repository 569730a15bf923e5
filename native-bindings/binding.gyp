{
  # Built with: npm run build:native
  "targets": [
    {
      "target_name": "overtap",
      "sources": [
        "binding/addon.cc",
        "binding/engine_wrap.cc",
        "binding/features.cc",
        "binding/port_tasks.cc",
        "engine/coalescer.cc",
        "engine/delivery.cc",
        "engine/engine.cc",
        "engine/inbound.cc",
        "engine/outbound.cc",
        "engine/path_mtu.cc",
        "engine/port_security.cc",
        "engine/run.cc",
        "engine/segmenter.cc",
        "engine/worker.cc",
        "io/path_probe.cc",
        "io/route_watch.cc",
        "io/send_plan.cc",
        "io/tap_port.cc",
        "io/tcx_redirect.cc",
        "io/tunnel_gso.cc",
        "io/tunnel_gso_probe.cc",
        "io/udp_underlay.cc",
        "wire/checksum.cc",
        "wire/frame.cc",
        "wire/outer.cc"
      ],
      "include_dirs": [".", "<!@(node -p \"require('node-addon-api').include\")"],
      "defines": ["NAPI_VERSION=9", "NAPI_CPP_EXCEPTIONS"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-O3", "-fexceptions", "-fvisibility=hidden", "-Wall", "-Wextra"]
    },
    {
      # The load generator of `overtap bench` and `npm run bench`.
      "target_name": "overtap-load",
      "type": "executable",
      "sources": [
        "load/bulk.cc",
        "load/client.cc",
        "load/datagrams.cc",
        "load/main.cc",
        "load/request.cc",
        "load/server.cc",
        "load/socket.cc",
        "load/transactions.cc"
      ],
      "include_dirs": ["."],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20"],
      "cflags_cc": ["-std=c++20", "-O3", "-fexceptions", "-Wall", "-Wextra"],
      "libraries": ["-lpthread"]
    }
  ]
}
